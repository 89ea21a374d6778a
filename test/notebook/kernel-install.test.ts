import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runKernel } from '../../src/cli/kernel';
import { buildPlotly } from '../../src/node/build';
import { projectRoot } from '../../src/node/files';
import {
  type InstalledKernel,
  installedKernels,
  installKernel,
  jupyterDataFolder,
  kernelName,
  removeKernels,
} from '../../src/notebook';

describe('jupyterDataFolder', () => {
  it('is the folder that Jupyter uses on each platform', () => {
    const cases: [env: Record<string, string>, platform: NodeJS.Platform, expected: string][] = [
      [{}, 'linux', '/home/ada/.local/share/jupyter'],
      [{ XDG_DATA_HOME: '' }, 'linux', '/home/ada/.local/share/jupyter'],
      [{ XDG_DATA_HOME: '/data' }, 'linux', '/data/jupyter'],
      [{ XDG_DATA_HOME: '/data', JUPYTER_DATA_DIR: '/own' }, 'linux', '/own'],
      [{}, 'darwin', '/home/ada/Library/Jupyter'],
      [{ JUPYTER_PLATFORM_DIRS: '1' }, 'darwin', '/home/ada/Library/Application Support/Jupyter'],
      [{ APPDATA: '/roaming' }, 'win32', '/roaming/jupyter'],
      [
        { LOCALAPPDATA: '/local', APPDATA: '/roaming', JUPYTER_PLATFORM_DIRS: 'yes' },
        'win32',
        '/local/Jupyter',
      ],
      [{}, 'win32', '/home/ada/.jupyter/data'],
    ];
    for (const [env, platform, expected] of cases)
      assert.equal(jupyterDataFolder(env, platform, '/home/ada').replaceAll('\\', '/'), expected);
    assert.equal(jupyterDataFolder({ JUPYTER_DATA_DIR: 'own' }), resolve('own'));
  });
});

describe('an installed kernel', function () {
  this.timeout(60_000);
  let data: string;
  let other: string;
  let folder: string;
  const before_ = { ...process.env };

  before(async () => {
    await buildPlotly();
  });
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'ser-data-'));
    other = join(data, 'other-checkout');
    folder = join(data, 'kernels', kernelName);
    process.env.JUPYTER_DATA_DIR = data;
    delete process.env.JUPYTER_PATH;
  });
  afterEach(() => {
    rmSync(data, { recursive: true });
    for (const name of ['JUPYTER_DATA_DIR', 'JUPYTER_PATH']) {
      if (before_[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before_[name];
    }
  });

  const installed = (): InstalledKernel[] =>
    installedKernels().filter((kernel) => kernel.folder.startsWith(data));

  /** Changes an installed kernel to one of a checkout in another folder. */
  function moveTo(checkout: string): void {
    for (const name of ['kernel.json', 'start.cjs']) {
      const file = join(folder, name);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll(JSON.stringify(projectRoot), JSON.stringify(checkout)),
      );
    }
  }

  /** Creates the files of a checkout that show that it exists. */
  function createOther(): void {
    const start = join(other, 'src', 'notebook', 'jupyter', 'kernel.cjs');
    mkdirSync(dirname(start), { recursive: true });
    writeFileSync(start, '');
    mkdirSync(join(other, 'node_modules', 'tsx'), { recursive: true });
  }

  it('has absolute paths that exist, logos, and Plotly', () => {
    const { kernel } = installKernel();
    assert.deepEqual(kernel, {
      name: kernelName,
      folder,
      checkout: projectRoot,
      node: process.execPath,
      isOwn: true,
    });
    const { argv, env } = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')) as {
      argv: string[];
      env: Record<string, string>;
    };
    assert.equal(argv[0], process.execPath);
    assert.equal(argv.at(-1), '{connection_file}');
    assert.ok(existsSync(argv.find((argument) => argument.endsWith('.cjs'))!));
    assert.equal(env.SER_KERNEL, kernelName);
    for (const file of ['logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg', 'plotly.min.js'])
      assert.ok(existsSync(join(folder, file)), file);
    assert.deepEqual(installed(), [kernel]);
  });

  it('is replaced when it is installed again, and removed', () => {
    installKernel();
    assert.equal(installKernel().replaced?.isOwn, true);
    installKernel({ name: 'second' });
    assert.deepEqual(
      removeKernels().map(({ name }) => name),
      ['second', kernelName],
    );
    assert.deepEqual(installed(), []);
    assert.throws(
      () => removeKernels(),
      /there is no kernel of this checkout in .*kernels; npm run kernel -- list/,
    );
  });

  it('does not replace or remove the kernel of another checkout unless forced', () => {
    createOther();
    installKernel();
    moveTo(other);
    const inTheWay = /the kernel speech-emotion-workbench belongs to another checkout, .*other-checkout/;
    assert.throws(() => installKernel(), inTheWay);
    assert.throws(
      () => installKernel(),
      /another name \(--name speech-emotion-workbench-\S+\), or replace the other one \(--force\)/,
    );
    assert.throws(() => removeKernels({ name: kernelName }), inTheWay);
    assert.deepEqual(
      installed().map(({ checkout, isOwn, problem }) => ({ checkout, isOwn, problem })),
      [{ checkout: other, isOwn: false, problem: undefined }],
    );
    const { displayName } = installKernel({ name: 'second' });
    assert.equal(displayName, 'TypeScript (Speech Emotion Workbench: second)');
    assert.equal(installKernel({ force: true }).replaced?.checkout, other);
    assert.ok(installed().every(({ isOwn }) => isOwn));
  });

  it('replaces the kernel of a checkout that was moved or deleted', () => {
    installKernel();
    moveTo(other);
    assert.equal(installed()[0].problem, `${other} was moved or deleted`);
    assert.equal(installKernel().replaced?.checkout, other);
  });

  it('reports a missing Node, and packages that are not installed', () => {
    installKernel();
    const file = join(folder, 'kernel.json');
    const spec = readFileSync(file, 'utf8');
    writeFileSync(file, spec.replace(JSON.stringify(process.execPath), '"/no/node"'));
    assert.equal(installed()[0].problem, 'Node was moved or deleted: /no/node');
    createOther();
    rmSync(join(other, 'node_modules'), { recursive: true });
    moveTo(other);
    assert.equal(installed()[0].problem, `npm install has not been run in ${other}`);
  });

  it('explains on stderr why it cannot start', () => {
    installKernel();
    const start = () =>
      spawnSync(process.execPath, [join(folder, 'start.cjs'), 'connection.json'], { encoding: 'utf8' });
    moveTo(other);
    assert.equal(start().status, 1);
    assert.match(
      start().stderr,
      /cannot start: .*other-checkout was moved or deleted\. Run "npm run kernel -- install"/,
    );
    createOther();
    rmSync(join(other, 'node_modules'), { recursive: true });
    assert.match(start().stderr, /cannot start: run "npm install" in .*other-checkout/);
  });

  it('does not replace a kernel of another project, even if forced', () => {
    mkdirSync(join(data, 'kernels', 'python3'), { recursive: true });
    writeFileSync(
      join(data, 'kernels', 'python3', 'kernel.json'),
      '{"argv":["python"],"display_name":"Python 3"}',
    );
    for (const name of ['python3', 'Upper', '../up', ''])
      assert.throws(
        () => installKernel({ name, force: true }),
        /is not a kernel of this project; choose another --name|--name must consist of lower-case letters/,
      );
    assert.throws(
      () => removeKernels({ name: 'python3' }),
      /there is no kernel of this project named python3/,
    );
    assert.deepEqual(installed(), []);
  });

  it('is found and installed beside damaged kernels of others', () => {
    const contents = [
      '',
      'null',
      '[]',
      '{"argv":null,"metadata":[]}',
      '{"argv":"x","display_name":5}',
      '{"display_name":{},"metadata":{"speech_emotion_workbench":null}}',
      '{"argv":[5],"metadata":{"speech_emotion_workbench":{"checkout":5}}}',
    ];
    for (const [i, content] of contents.entries()) {
      mkdirSync(join(data, 'kernels', `other-${i}`), { recursive: true });
      writeFileSync(join(data, 'kernels', `other-${i}`, 'kernel.json'), content);
    }
    installKernel();
    assert.deepEqual(
      installedKernels()
        .filter((kernel) => kernel.folder.startsWith(data))
        .map(({ name }) => name),
      [kernelName],
    );
    assert.throws(() => installKernel({ name: 'other-4' }), /is not a kernel of this project/);
  });

  it('is listed with its state', async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      assert.equal(await runKernel(['install'], { prepareKernel: () => Promise.resolve() }), 0);
      assert.equal(await runKernel(['list']), 0);
      assert.equal(await runKernel(['remove']), 0);
    } finally {
      console.log = log;
    }
    const text = lines.join('\n');
    assert.match(text, /installed "TypeScript \(Speech Emotion Workbench\)" in /);
    assert.match(text, /\n\* +speech-emotion-workbench +works /);
    assert.ok(text.endsWith(`removed ${folder}`));
  });
});
