import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeWav } from '../../../src/core/audio';
import { messageOf } from '../../../src/core/base';
import { paths } from '../../../src/node/files';
import {
  exportSite,
  type LiveServer,
  liveSite,
  serveSite,
  type Site,
  siteBytes,
} from '../../../src/node/live';
import { babble } from '../../babble';

describe('the files of the live page', function () {
  this.timeout(120_000);

  let folder: string;
  let site: Site;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'live-site-'));
    const demo = join(folder, 'demo');
    mkdirSync(demo);
    for (const name of [
      '1001_DFA_ANG_XX.wav',
      '1002_DFA_ANG_XX.wav',
      '1001_DFA_SAD_XX.wav',
      '1003_DFA_SAD_XX.wav',
      'other.wav',
    ])
      writeFileSync(join(demo, name), encodeWav(babble(name)));
    site = await liveSite({ models: [join(paths.models, 'speakers')], demo });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const description = (files: Site): unknown => {
    const file = files.get('site.json')!;
    return JSON.parse(Buffer.from('content' in file ? file.content : readFileSync(file.path)).toString());
  };

  it('include the model and one example for each emotion, of different speakers', () => {
    assert.deepEqual(description(site), {
      models: [{ name: 'speakers', folder: 'models/speakers' }],
      examples: [
        { file: 'examples/angry.wav', emotion: 'angry', label: 'angry, synthetic voice 1' },
        { file: 'examples/sad.wav', emotion: 'sad', label: 'sad, synthetic voice 2' },
      ],
    });
    const { sha256 } = JSON.parse(readFileSync(join(paths.models, 'speakers', 'bundle.json'), 'utf8')) as {
      sha256: Record<string, string>;
    };
    for (const name of Object.keys(sha256))
      assert.equal(site.has(`models/speakers/${name}`), !name.endsWith('.md'), name);
  });

  it('have no example without a demo corpus', async () => {
    const bare = await liveSite({ models: [], demo: join(folder, 'nothing') });
    assert.deepEqual(description(bare), { models: [], examples: [] });
  });

  it('give models with the same folder name different names', async () => {
    const other = join(folder, 'speakers');
    mkdirSync(other);
    writeFileSync(join(other, 'bundle.json'), JSON.stringify({ version: 1, sha256: {} }));
    const both = await liveSite({ models: [join(paths.models, 'speakers'), other], demo: folder });
    const { models } = description(both) as { models: unknown };
    assert.deepEqual(models, [
      { name: 'speakers', folder: 'models/speakers' },
      { name: 'speakers 2', folder: 'models/speakers%202' },
    ]);
    assert.ok(both.has('models/speakers 2/bundle.json'));
  });

  it('cannot be made with a model that needs Node or is damaged', async () => {
    const svm = join(folder, 'svm');
    mkdirSync(svm);
    const sha256 = { 'config.json': '', 'classifier.json': '' };
    writeFileSync(join(svm, 'bundle.json'), JSON.stringify({ version: 1, sha256 }));
    writeFileSync(join(svm, 'config.json'), JSON.stringify({ model: { kind: 'svm' } }));
    await assert.rejects(liveSite({ models: [svm] }), /config\.json: an SVM runs only in Node/);
    await assert.rejects(liveSite({ models: [join(folder, 'demo')] }), /bundle\.json: /);
  });

  it('are served to this machine only, with the policy, and nothing else is', async () => {
    const { address, close } = await serveSite(site);
    try {
      const { hostname, port } = new URL(address);
      assert.equal(hostname, '127.0.0.1');
      for (const [name, file] of site) {
        const response = await fetch(address + name.split('/').map(encodeURIComponent).join('/'));
        assert.equal(response.status, 200, name);
        assert.match(response.headers.get('content-security-policy')!, /default-src 'none'/, name);
        assert.equal(response.headers.get('x-content-type-options'), 'nosniff', name);
        const content = 'content' in file ? file.content : readFileSync(file.path);
        assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array(content), name);
      }
      const status = (path: string, options: { method?: string; host?: string } = {}): Promise<number> =>
        new Promise((resolve, reject) => {
          const { method = 'GET', host = `127.0.0.1:${port}` } = options;
          request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
            response.resume();
            resolve(response.statusCode!);
          })
            .on('error', reject)
            .end();
        });
      assert.equal(await status('/'), 200);
      assert.equal(await status('/?query'), 200);
      assert.equal(await status('/', { host: `localhost:${port}` }), 200);
      assert.equal(await status('/', { host: `example.org:${port}` }), 403);
      assert.equal(await status('/', { method: 'POST' }), 405);
      for (const path of [
        '/../package.json',
        '/models/speakers/../../../package.json',
        '/%2e%2e/package.json',
        '/models',
        '/models/speakers/README.md',
        '/%',
        '/etc/passwd',
      ])
        assert.equal(await status(path), 404, path);
    } finally {
      await close();
    }
  });

  it('can be reached without a port on port 80 only', async function () {
    const status = (port: number, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
          .on('error', reject)
          .end();
      });
    const any = await serveSite(site);
    try {
      assert.equal(await status(Number(new URL(any.address).port), '127.0.0.1'), 403);
    } finally {
      await any.close();
    }
    let server: LiveServer;
    try {
      server = await serveSite(site, { port: 80 });
    } catch (error) {
      console.log(`      skipped: ${messageOf(error)}`);
      return void this.skip();
    }
    try {
      for (const host of ['127.0.0.1', 'localhost', 'localhost:80'])
        assert.equal(await status(80, host), 200, host);
      assert.equal(await status(80, 'example.org'), 403);
    } finally {
      await server.close();
    }
  });

  it('are closed when the browser stops a download', async function () {
    if (!existsSync('/proc/self/fd')) {
      console.log('      skipped: this system does not list open files');
      return void this.skip();
    }
    const path = join(folder, 'large.bin');
    writeFileSync(path, Buffer.alloc(20e6));
    const isOpen = (): boolean =>
      readdirSync('/proc/self/fd').some((fd) => {
        try {
          return readlinkSync(join('/proc/self/fd', fd)) === path;
        } catch {
          return false;
        }
      });
    const { address, close } = await serveSite(new Map([['large.bin', { path }]]));
    try {
      await new Promise<void>((resolve, reject) => {
        request(`${address}large.bin`, (response) => {
          response.once('data', () => {
            assert.ok(isOpen());
            response.destroy();
            resolve();
          });
        })
          .on('error', reject)
          .end();
      });
      for (let i = 0; i < 100 && isOpen(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(isOpen(), false);
    } finally {
      await close();
    }
  });

  it('cannot be served on a port that is in use', async () => {
    const first = await serveSite(site);
    try {
      const port = Number(new URL(first.address).port);
      await assert.rejects(
        serveSite(site, { port }),
        new RegExp(`port ${port} is in use; choose another one`),
      );
    } finally {
      await first.close();
    }
  });

  it('are exported below 12 MB, and an export replaces an earlier one', () => {
    const target = join(folder, 'public', 'live');
    const bytes = exportSite(site, target);
    assert.equal(bytes, siteBytes(site));
    assert.ok(bytes > 2e6 && bytes < 12e6, String(bytes));
    for (const name of site.keys()) assert.ok(statSync(join(target, name)).isFile(), name);
    // The earlier export may contain other models and examples.
    const bare = new Map([...site].filter(([name]) => !/^(models|examples)\//.test(name)));
    bare.set('site.json', { content: Buffer.from('{"models":[],"examples":[]}') });
    exportSite(bare, target);
    assert.deepEqual(readdirSync(target).sort(), [...bare.keys()].sort());
    assert.equal(exportSite(site, target), bytes);
  });

  it('are not exported over other files, or if they are too large', () => {
    const target = join(folder, 'documents');
    mkdirSync(target);
    writeFileSync(join(target, 'thesis.txt'), 'important');
    assert.throws(
      () => exportSite(site, target),
      /documents: it contains thesis\.txt, which is not part of an earlier export; choose an empty or new/,
    );
    assert.equal(readFileSync(join(target, 'thesis.txt'), 'utf8'), 'important');
    assert.throws(
      () => exportSite(site, join(target, 'thesis.txt')),
      /thesis\.txt: it is a file; choose an empty or new folder for --export/,
    );
    const own = ['index.html', 'models/mine/bundle.json', 'models/speakers/notes.md', 'examples/angry.wav'];
    for (const [i, name] of own.entries()) {
      const place = join(folder, `own-${i}`);
      // Something in a folder without an export, or next to its files.
      if (name.endsWith('.md')) exportSite(site, place);
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), 'important');
      assert.throws(() => exportSite(site, place), new RegExp(`it contains ${name}, which is not part`));
      assert.equal(readFileSync(join(place, name), 'utf8'), 'important');
    }
    const large = new Map([...site, ['large.bin', { content: new Uint8Array(12e6) }]]);
    assert.throws(
      () => exportSite(large, join(folder, 'large')),
      /at most 12\.0 MB, got 1\d\.\d MB; choose fewer/,
    );
    assert.equal(existsSync(join(folder, 'large')), false);
  });
});
