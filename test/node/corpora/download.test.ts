import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { type ArchiveSource, downloadCorpus, verifyCorpora } from '../../../src/node/corpora';
import {
  DownloadError,
  type DownloadOptions,
  type DownloadProgress,
} from '../../../src/node/corpora/download/options';
import type { ManifestEntry } from '../../../src/node/corpora/committed-files';

type Handler = (request: IncomingMessage, response: ServerResponse, visit: number) => void;
type Entries = Record<string, { bytes: Buffer; mode?: number }>;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Incompressible bytes, determined by the name. */
function noise(name: string, length = 20_000): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${name} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const clips: Record<string, Buffer> = {
  'savee/ALL/DC_a01.wav': noise('a'),
  'savee/ALL/DC_d01.wav': noise('d'),
  'savee/ALL/JE_f01.wav': noise('f'),
  'savee/ALL/JE_su01.wav': noise('twins'),
  'savee/ALL/JE_su02.wav': noise('twins'),
};
const manifest: ManifestEntry[] = Object.entries(clips).map(([path, bytes]) => ({
  path,
  sampleRate: 44_100,
  channels: 1,
  frames: bytes.length / 2,
  sha256: sha256(bytes),
}));

async function zip(entries: Entries): Promise<Buffer> {
  const archive = new ZipFile();
  // Entries are sorted: names in `00…` come first.
  for (const [name, { bytes, mode = 0o100644 }] of Object.entries(entries))
    archive.addBuffer(bytes, name, { mode });
  archive.end();
  return buffer(archive.outputStream);
}

/** An archive of the corpus with another top folder. */
function corpusZip(change: (entries: Entries) => void = () => undefined): Promise<Buffer> {
  const entries = Object.fromEntries(
    Object.entries(clips).map(([path, bytes]) => [path.replace('savee/', ''), { bytes }]),
  );
  change(entries);
  return zip(entries);
}

/** Replaces a name in a finished archive: yazl refuses to write unsafe names. */
function rename(archive: Buffer, from: string, to: string): Buffer {
  assert.equal(from.length, to.length);
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1');
}

const firstTime = (bytes: number) => (visit: number) => (visit === 1 ? bytes : Infinity);

/** Serves bytes with an ETag and Range support; can close the connection after some bytes. */
function serve(bytes: Buffer, { etag = '"1"', ranges = true, cutAfter = firstTime(Infinity) } = {}): Handler {
  return (request, response, visit) => {
    const requested = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = ranges && requested && request.headers['if-range'] === etag ? Number(requested[1]) : 0;
    const body = bytes.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': body.length,
      etag,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    const cut = cutAfter(visit);
    if (cut < body.length)
      response.write(body.subarray(0, cut), () => {
        void somethingSaved(start).then(() => response.destroy());
      });
    else response.end(body);
  };
}

/** Waits until a part of more than `bytes` is on disk: bytes in flight are lost with the connection. */
async function somethingSaved(bytes: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const parts = (await readdir(directory, { recursive: true })).filter((path) => path.endsWith('.part'));
    const sizes = await Promise.all(parts.map(async (path) => (await stat(join(directory, path))).size));
    if (Math.max(0, ...sizes) > bytes) return;
    await setTimeout(10);
  }
}

/** The request continues after the received bytes: at most those that were sent. */
function assertResumed({ headers }: { headers: IncomingMessage['headers'] }, sent: number): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);
  assert.ok(from > 0 && from <= sent, `requested ${headers.range}, ${sent} bytes had been sent`);
}

/** Download folder of the current test. */
let directory: string;

describe('downloadCorpus', () => {
  let server: Server;
  let origin: string;
  let handlers: Record<string, Handler>;
  let requests: { path: string; headers: IncomingMessage['headers'] }[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'download-'));
    handlers = {};
    requests = [];
    server = createServer((request, response) => {
      const path = request.url ?? '';
      const visit = requests.filter((earlier) => earlier.path === path).length + 1;
      requests.push({ path, headers: request.headers });
      const handler = path in handlers ? handlers[path] : undefined;
      if (handler) handler(request, response, visit);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  const archive = (path: string, more: Partial<ArchiveSource> = {}): ArchiveSource => ({
    kind: 'archive',
    name: path.slice(1),
    url: origin + path,
    ...more,
  });

  function download(options: DownloadOptions = {}) {
    return downloadCorpus('SAVEE', {
      directory,
      sources: [archive('/a.zip')],
      manifest,
      ...options,
      limits: { backoffSec: 0, attempts: 3, stallSec: 5, ...options.limits },
    });
  }

  async function assertWhole(): Promise<void> {
    for (const [path, bytes] of Object.entries(clips)) {
      assert.deepEqual(await readFile(join(directory, path)), bytes, path);
    }
    assert.deepEqual(await readdir(directory), ['savee'], 'the work folder is deleted');
  }

  /** No corpus folder, and no invalid archive. */
  async function assertNothingPlaced(): Promise<void> {
    const names = await readdir(directory);
    assert.ok(!names.includes('savee'), names.join());
    const left = await readdir(join(directory, '.partial'), { recursive: true });
    assert.deepEqual(
      left.filter((name) => name.endsWith('.zip')),
      [],
    );
  }

  it('places every clip of an archive at its manifest path, whatever its folder in the archive', async () => {
    const bytes = await corpusZip((entries) => {
      entries['notes.txt'] = { bytes: Buffer.from('not a clip') };
    });
    handlers['/a.zip'] = serve(bytes);
    const md5 = createHash('md5').update(bytes).digest('hex');
    const report = await download({
      sources: [archive('/a.zip', { bytes: bytes.length, digest: { algorithm: 'md5', hex: md5 } })],
    });
    assert.equal(report.status, 'downloaded');
    assert.equal(report.clips, 5);
    assert.deepEqual(report.sources, ['a.zip']);
    assert.deepEqual(report.ignored, ['notes.txt']);
    assert.deepEqual(report.failures, []);
    await assertWhole();
  });

  it('does nothing if the corpus is complete, in any layout', async () => {
    await mkdir(join(directory, 'mine', 'DC'), { recursive: true });
    for (const [path, bytes] of Object.entries(clips)) {
      const name = path.split('/').at(-1) ?? '';
      const original = name.startsWith('DC_') ? `DC/${name.slice(3)}` : name;
      await writeFile(join(directory, 'mine', original), bytes);
    }
    const report = await download();
    assert.equal(report.status, 'already complete');
    assert.equal(report.directory, join(directory, 'mine'));
    assert.equal(requests.length, 0);
  });

  it('neither completes nor replaces an existing folder', async () => {
    await mkdir(join(directory, 'savee'));
    await writeFile(join(directory, 'savee', 'DC_a01.wav'), 'mine');
    await assert.rejects(download(), /savee: it exists, but does not contain all 5 clips/);
    assert.equal(requests.length, 0);
    assert.equal(await readFile(join(directory, 'savee', 'DC_a01.wav'), 'utf8'), 'mine');
  });

  it('resumes with a Range request after the connection is lost', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes, { cutAfter: firstTime(40_000) });
    const seen: DownloadProgress[] = [];
    await download({ onProgress: (progress) => seen.push(progress) });
    assert.equal(requests.length, 2);
    assertResumed(requests[1], 40_000);
    assert.equal(requests[1].headers['if-range'], '"1"');
    await assertWhole();

    for (const step of ['downloading', 'unpacking']) {
      const done = seen.filter((progress) => progress.step === step).map((progress) => progress.done);
      assert.deepEqual(
        done,
        [...done].sort((a, b) => a - b),
        `${step} never decreases`,
      );
      assert.ok(done.length > 1);
    }
    assert.ok(seen.some(({ note }) => note?.includes('trying again')));
    const last = seen.filter(({ step }) => step === 'downloading').at(-1);
    assert.deepEqual([last?.done, last?.total, last?.unit], [bytes.length, bytes.length, 'bytes']);
  });

  it('resumes in a later call, after the first has failed', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes, { cutAfter: firstTime(30_000) });
    await assert.rejects(download({ limits: { attempts: 1 } }), /5 of 5 clips could not be downloaded/);
    await assertNothingPlaced();
    await download();
    assertResumed(requests[1], 30_000);
    await assertWhole();
  });

  it('does not give up as long as every attempt makes progress', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes, { cutAfter: () => 15_000 });
    await download({ limits: { attempts: 2 } });
    assert.ok(requests.length >= Math.ceil(bytes.length / 15_000));
    await assertWhole();
  });

  it('starts over if the server ignores Range', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes, { ranges: false, cutAfter: firstTime(40_000) });
    await download();
    assertResumed(requests[1], 40_000);
    assert.equal(requests.length, 2);
    await assertWhole();
  });

  it('starts over if the file has changed in the meantime', async () => {
    const old = await corpusZip((entries) => {
      entries['ALL/DC_a01.wav'] = { bytes: noise('old') };
    });
    const bytes = await corpusZip();
    handlers['/a.zip'] = (request, response, visit) =>
      visit === 1
        ? serve(old, { cutAfter: firstTime(40_000) })(request, response, visit)
        : serve(bytes, { etag: '"2"' })(request, response, visit);
    await download();
    assert.equal(requests[1].headers['if-range'], '"1"');
    await assertWhole();
  });

  it('does not mix two files if the server continues with another file', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = (request, response, visit) => {
      if (visit === 2) {
        response
          .writeHead(206, { 'content-range': 'bytes 0-99/100', 'content-length': 100 })
          .end(Buffer.alloc(100));
      } else serve(bytes, { cutAfter: firstTime(40_000) })(request, response, visit);
    };
    await download();
    assert.deepEqual(
      requests.map(({ headers }) => headers.range),
      [undefined, 'bytes=40000-', undefined],
    );
    await assertWhole();
  });

  it('closes a stalled connection, and tries again', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = (request, response, visit) => {
      if (visit > 1) serve(bytes)(request, response, visit);
      else
        response
          .writeHead(200, { 'content-length': bytes.length, etag: '"1"' })
          .write(bytes.subarray(0, 10_000));
    };
    const notes: string[] = [];
    await download({ limits: { stallSec: 1 }, onProgress: ({ note }) => note && notes.push(note) });
    assert.match(notes.join(), /no data for 1 s/);
    assertResumed(requests[1], 10_000);
    await assertWhole();
  });

  it('tries again after a server error, but not after 403', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = (request, response, visit) => {
      if (visit === 1) response.writeHead(503).end();
      else serve(bytes)(request, response, visit);
    };
    handlers['/no.zip'] = (_request, response) => response.writeHead(403).end();
    await assert.rejects(
      download({ sources: [archive('/no.zip')] }),
      /no.zip: the server answered 403 Forbidden/,
    );
    assert.equal(requests.length, 1);
    await download();
    assert.equal(requests.length, 3);
  });

  it('uses the next source if one fails, and reports the reason', async () => {
    const bytes = await corpusZip();
    handlers['/page'] = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    handlers['/a.zip'] = serve(bytes);
    const report = await download({ sources: [archive('/gone.zip'), archive('/page'), archive('/a.zip')] });
    assert.deepEqual(
      report.failures.map(({ source, reason }) => `${source}: ${reason}`),
      [
        'gone.zip: the server answered 404 Not Found',
        'page: the server sent a web page instead of the file (is a sign-in needed?)',
      ],
    );
    assert.deepEqual(report.sources, ['a.zip']);
    await assertWhole();
  });

  it('deletes an archive that does not have the published digest', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes);
    const digest = { algorithm: 'md5', hex: '0'.repeat(32) } as const;
    await assert.rejects(
      download({ sources: [archive('/a.zip', { digest })] }),
      /the published MD5 0{32}, got [0-9a-f]{32}/,
    );
    await assertNothingPlaced();
  });

  it('rejects an archive that does not have the published size, before downloading it', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes);
    await assert.rejects(
      download({ sources: [archive('/a.zip', { bytes: 7 })] }),
      /the published size of 7 bytes, got/,
    );
  });

  it('counts clips that are not the original, and downloads them from another source', async () => {
    const bad = await corpusZip((entries) => {
      entries['ALL/DC_a01.wav'] = { bytes: noise('another take') };
    });
    handlers['/a.zip'] = serve(bad);
    await assert.rejects(download(), (error: Error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(error.message, /^SAVEE: 1 of 5 clips could not be downloaded/);
      return true;
    });
    await assertNothingPlaced();

    handlers['/files/DC_a01.wav'] = (_request, response) => response.end(clips['savee/ALL/DC_a01.wav']);
    const before = requests.length;
    const report = await download({
      sources: [{ kind: 'files', name: 'files', baseUrl: `${origin}/files/` }],
    });
    assert.deepEqual(
      requests.slice(before).map(({ path }) => path),
      ['/files/DC_a01.wav'],
      'only the missing clip',
    );
    assert.deepEqual(report.sources, ['files']);
    await assertWhole();
  });

  it('downloads a corpus file by file, and its tables, and verifies the hashes', async () => {
    for (const [path, bytes] of Object.entries(clips)) {
      handlers[`/files/${path.split('/').at(-1) ?? ''}`] = (_request, response) => response.end(bytes);
    }
    const table = Buffer.from('ActorID,Age\nDC,30\n');
    handlers['/table.csv'] = (_request, response) => response.end(table);
    handlers['/changed.csv'] = (_request, response) => response.end('something else');
    const sideFile = (name: string) => ({
      path: `savee/${name}`,
      url: `${origin}/${name}`,
      sha256: sha256(table),
    });
    const report = await download({
      sources: [{ kind: 'files', name: 'files', baseUrl: `${origin}/files/` }],
      sideFiles: [sideFile('table.csv'), sideFile('changed.csv')],
    });
    await assertWhole();
    assert.deepEqual(await readFile(join(directory, 'savee', 'table.csv')), table);
    assert.deepEqual(report.missingSideFiles, ['savee/changed.csv']);
    await assert.rejects(stat(join(directory, 'savee', 'changed.csv')));
  });

  it('gives up a source of single files after a few failures', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({
      ...manifest[0],
      path: `savee/ALL/${i}.wav`,
      sha256: sha256(noise(String(i))),
    }));
    await assert.rejects(
      download({
        manifest: many,
        sources: [{ kind: 'files', name: 'files', baseUrl: `${origin}/` }],
        limits: { parallel: 2 },
      }),
      /40 of 40 clips could not be downloaded.*more than 5 clips could not be downloaded; the first, 0.wav: the server answered 404/,
    );
    assert.ok(requests.length < 10, String(requests.length));
  });

  it('keeps one copy of clips that the archive contains twice', async () => {
    const bytes = await corpusZip((entries) => {
      for (const [path, clip] of Object.entries(clips))
        entries[path.replace('savee', 'mirror/data')] = { bytes: clip };
    });
    handlers['/a.zip'] = serve(bytes);
    const report = await download();
    // The first of two clips with the same audio is written under both names.
    assert.equal(report.duplicates, 6);
    await assertWhole();
    const { corpora } = await verifyCorpora(directory, {
      manifests: [{ corpus: 'SAVEE', entries: manifest }],
    });
    assert.ok(corpora[0].comparison.complete);
    assert.equal(corpora[0].comparison.duplicates.length, 0);
  });

  describe('rejects an archive', () => {
    const evil = 'ab/evil.wav';
    const withEvil = async (to: string) =>
      rename(
        await corpusZip((entries) => {
          entries[evil] = { bytes: noise('evil') };
        }),
        evil,
        to,
      );
    /** Writes a false uncompressed size into the archive's directory. */
    function understate(bytes: Buffer, size: number): Buffer {
      const changed = Buffer.from(bytes);
      const header = changed.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
      assert.ok(changed.readUInt32LE(header + 24) > size);
      changed.writeUInt32LE(size, header + 24);
      return changed;
    }
    const zeros = (length: number) =>
      corpusZip((entries) => {
        entries['00zeros.wav'] = { bytes: Buffer.alloc(length) };
      });

    const cases: [string, () => Promise<Buffer>, RegExp, DownloadOptions['limits']?][] = [
      ['with a path outside its folder', () => withEvil('../evil.wav'), /invalid relative path/],
      ['with an absolute path', () => withEvil('/b/evil.wav'), /absolute path/],
      ['with a drive letter', () => withEvil('C:/evil.wav'), /absolute path/],
      ['with a backslash', () => withEvil('ab\\evil.wav'), /invalid characters/],
      [
        'with a symbolic link',
        () =>
          corpusZip((entries) => {
            entries['ALL/link.wav'] = { bytes: Buffer.from('/etc/passwd'), mode: 0o120777 };
          }),
        /"ALL\/link.wav" is a link or a device/,
      ],
      [
        'with an entry of too high a compression ratio',
        () => zeros(3 * 2 ** 20),
        /"00zeros.wav" has a compression ratio of more than 100/,
      ],
      [
        'with an entry that is too large',
        () => zeros(50_000),
        /"00zeros.wav" has more than 30000 bytes/,
        { maxEntryBytes: 30_000 },
      ],
      [
        'with too large a total size',
        () => corpusZip(),
        /contains more than 70000 bytes/,
        { maxTotalBytes: 70_000 },
      ],
      ['with too many entries', () => corpusZip(), /at most 4 entries, got 5/, { maxEntries: 4 }],
      [
        'that understates the size of an entry',
        async () => understate(await zeros(50_000), 10),
        /too many bytes in the stream/,
      ],
      [
        'that is incomplete',
        async () => (await corpusZip()).subarray(0, 50_000),
        /not a readable zip archive/,
      ],
      [
        'that is longer than allowed',
        () => corpusZip(),
        /at most 50000 bytes, got/,
        { maxArchiveBytes: 50_000 },
      ],
    ];
    for (const [title, make, reason, limits] of cases) {
      it(title, async () => {
        const bytes = await make();
        handlers['/a.zip'] = serve(bytes);
        await assert.rejects(download({ limits }), (error: Error) => {
          assert.match(error.message, reason);
          return true;
        });
        await assertNothingPlaced();
        const outside = (await readdir(tmpdir())).filter((name) => name.includes('evil'));
        assert.deepEqual(outside, []);
      });
    }
  });

  it('stops when it is aborted, places nothing, and resumes in the next call', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = (request, response, visit) => {
      if (visit > 1) serve(bytes)(request, response, visit);
      else
        response
          .writeHead(200, { 'content-length': bytes.length, etag: '"1"' })
          .write(bytes.subarray(0, 25_000));
    };
    const stop = new AbortController();
    const interrupted = download({
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 25_000) stop.abort(new Error('enough'));
      },
    });
    await assert.rejects(interrupted, /enough/);
    await assertNothingPlaced();
    await download();
    assertResumed(requests[1], 25_000);
    await assertWhole();
  });

  it('stops while unpacking, and unpacks the same archive in the next call', async () => {
    const bytes = await corpusZip();
    handlers['/a.zip'] = serve(bytes);
    const stop = new AbortController();
    const interrupted = download({
      signal: stop.signal,
      onProgress: ({ step, done }) => {
        if (step === 'unpacking' && done === 2) stop.abort(new Error('enough'));
      },
    });
    await assert.rejects(interrupted, /enough/);
    assert.deepEqual(await readdir(directory), ['.partial']);
    await download();
    assert.equal(requests.length, 1);
    await assertWhole();
  });

  it('downloads a clip again that was damaged in the staging folder', async () => {
    const bytes = await corpusZip((entries) => {
      delete entries['ALL/DC_d01.wav'];
    });
    handlers['/a.zip'] = serve(bytes);
    await assert.rejects(download(), /1 of 5 clips/);
    await writeFile(join(directory, '.partial', 'savee', 'savee', 'ALL', 'DC_a01.wav'), 'damaged');
    await assert.rejects(
      download({ sources: [] }),
      /2 of 5 clips could not be downloaded: no sources were given/,
    );
  });
});
