import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ZipFile } from 'yazl';
import { loadEngine } from '../../../src/node/engine';
import { unpackWheel } from '../../../src/node/engine/build-addon';
import { projectRoot, userCacheDirectory } from '../../../src/node/files';

interface Outcome {
  code: number;
  output: string;
}

/** A copy of the project after a fresh install: all packages, but tfjs-node without its addon. */
function freshInstallation(): string {
  const root = mkdtempSync(join(tmpdir(), 'ser-fresh-'));
  const modules = join(projectRoot, 'node_modules');
  const link = (...name: string[]): void =>
    symlinkSync(join(modules, ...name), join(root, 'node_modules', ...name));
  mkdirSync(join(root, 'node_modules', '@tensorflow'), { recursive: true });
  for (const name of readdirSync(modules)) if (!['.cache', '@tensorflow'].includes(name)) link(name);
  for (const name of readdirSync(join(modules, '@tensorflow')))
    if (name !== 'tfjs-node') link('@tensorflow', name);
  const tfjsNode = join(modules, '@tensorflow', 'tfjs-node');
  cpSync(tfjsNode, join(root, 'node_modules', '@tensorflow', 'tfjs-node'), {
    recursive: true,
    filter: (source) =>
      !['lib', 'deps', 'src', 'node_modules'].some((name) => source === join(tfjsNode, name)),
  });
  // The sources that the engine imports.
  const sources = ['core', 'node'].map((name) => join('src', name));
  for (const name of [...sources, 'package.json', 'tsconfig.json']) {
    cpSync(join(projectRoot, name), join(root, name), { recursive: true });
  }
  writeFileSync(
    join(root, 'main.ts'),
    `import { loadEngine, setUpEngine } from './src/node/engine';
     setUpEngine({ log: (line) => console.log(line), python: process.env.TEST_PYTHON })
       .then(async (record) => { console.log(record.why); console.log('loaded', (await loadEngine()).version); })
       .catch((error) => { console.log('refused:', error.message); process.exitCode = 1; });`,
  );
  return root;
}

describe('engine setup', function () {
  this.timeout(120_000);
  let root: string;
  beforeEach(() => {
    root = freshInstallation();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Runs the setup without network, by default also without cache and Python. */
  async function setUp(environment: Record<string, string> = {}): Promise<Outcome> {
    const closed = {
      PATH: join(root, 'no-programs'),
      SER_CACHE: join(root, 'cache'),
      TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/',
      SER_ENGINE: '',
    };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'main.ts'], {
        cwd: root,
        env: { HOME: root, ...closed, ...environment },
      });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  it('chooses WebAssembly without network, prints the reasons, and stores the choice', async () => {
    const { code, output } = await setUp();
    assert.equal(code, 0, output);
    assert.match(
      output,
      /WebAssembly \(slower\): tfjs-node's own download: 127\.0\.0\.1 is not reachable; TensorFlow library to compile against: /,
    );
    assert.match(output, /loaded TensorFlow\.js .* on WebAssembly/);
    assert.ok(existsSync(join(root, 'node_modules', '.cache', 'speech-emotion-workbench', 'engine.json')));
  });

  it('rejects SER_ENGINE=native without network, with all reasons', async () => {
    const { code, output } = await setUp({ SER_ENGINE: 'native' });
    assert.equal(code, 1);
    assert.match(
      output,
      /refused: SER_ENGINE=native: no native engine can be installed here: .*not reachable/,
    );
  });

  it('rejects an unknown SER_ENGINE', async () => {
    const { code, output } = await setUp({ SER_ENGINE: 'cuda' });
    assert.equal(code, 1);
    assert.match(output, /SER_ENGINE must be native or wasm, got "cuda"/);
  });

  it('continues if the installed addon does not load', async () => {
    const lib = join(root, 'node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8');
    mkdirSync(lib, { recursive: true });
    writeFileSync(join(lib, 'tfjs_binding.node'), 'not an addon');
    const { code, output } = await setUp();
    assert.equal(code, 0, output);
    assert.match(output, /WebAssembly \(slower\): already installed: .*tfjs_binding\.node/);
  });

  it("continues if tfjs-node's own download fails", async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const programs = join(root, 'programs');
    mkdirSync(programs);
    symlinkSync(process.execPath, join(programs, 'node'));
    writeFileSync(join(programs, 'npm'), `#!/bin/sh\nPATH=${process.env.PATH ?? ''} exec npm "$@"\n`, {
      mode: 0o755,
    });
    symlinkSync('/bin/sh', join(programs, 'sh'));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { code, output } = await setUp({ PATH: programs, TFJS_NODE_CDN_STORAGE: host });
    server.close();
    assert.equal(code, 0, output);
    assert.match(output, /WebAssembly \(slower\): tfjs-node's own download: its install script failed: /);
  });

  it('compiles against a TensorFlow that an earlier setup left in the cache', async function () {
    const cached = join(userCacheDirectory(), 'tensorflow');
    if (!existsSync(cached)) {
      console.log(`      skipped: no TensorFlow library in ${cached}`);
      this.skip();
    }
    mkdirSync(join(root, 'cache'));
    symlinkSync(cached, join(root, 'cache', 'tensorflow'));
    const { code, output } = await setUp({ PATH: process.env.PATH ?? '' });
    assert.equal(code, 0, output);
    assert.match(output, /native, TensorFlow \d.*: compiled against the cached tensorflow-cpu wheel/);
    assert.match(output, /loaded TensorFlow \d.* through tfjs-node/);
  });

  /** A program that answers like a Python with TensorFlow in a folder. */
  function pythonWith(tensorflow: string): string {
    const program = join(root, 'python-with-tensorflow');
    writeFileSync(program, `#!/bin/sh\necho '${tensorflow}'\necho 2.99.0\n`, { mode: 0o755 });
    return program;
  }

  it('compiles against the TensorFlow of a given Python, although another engine is installed', async function () {
    const cached = join(userCacheDirectory(), 'tensorflow');
    const [name] = existsSync(cached)
      ? readdirSync(cached).filter((entry) => entry.includes(process.arch))
      : [];
    if (!name) {
      console.log(`      skipped: no TensorFlow library in ${cached}`);
      this.skip();
    }
    assert.match((await setUp()).output, /loaded TensorFlow\.js .* on WebAssembly/);
    const python = pythonWith(join(cached, name));
    const { code, output } = await setUp({ PATH: process.env.PATH ?? '', TEST_PYTHON: python });
    assert.equal(code, 0, output);
    assert.ok(output.includes(`compiled against the tensorflow package of ${python}`), output);
    assert.match(output, /loaded TensorFlow \d.* through tfjs-node/);
  });

  it('rejects a given Python without a TensorFlow library, and installs what it finds instead', async () => {
    const { code, output } = await setUp({ TEST_PYTHON: pythonWith(join(root, 'empty')) });
    assert.equal(code, 1);
    assert.match(
      output,
      /refused: --python: the TensorFlow of .* cannot be used: .* Installed instead: wasm/,
    );
  });
});

describe('loadEngine', () => {
  it('rejects a name that is not an engine', async () => {
    await assert.rejects(loadEngine('gpu'), /SER_ENGINE must be native or wasm, got "gpu"/);
  });
});

describe('unpackWheel', () => {
  it("extracts only TensorFlow's libraries and headers", async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ser-wheel-'));
    const wheel = join(directory, 'tensorflow_cpu-9.9.9-cp311-none-any.whl');
    const zip = new ZipFile();
    for (const name of [
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/include/xla/tsl/c/tsl_status.h',
      'tensorflow/include/Eigen/Core.h',
      'tensorflow/python/keras/models.py',
    ]) {
      zip.addBuffer(Buffer.from(name), name);
    }
    zip.end();
    await finished(zip.outputStream.pipe(createWriteStream(wheel)));
    await unpackWheel(wheel, join(directory, 'unpacked'));
    const files = readdirSync(join(directory, 'unpacked'), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(files.filter((name) => /\.\w+$/.test(name)).sort(), [
      'include/tensorflow/c/c_api.h',
      'include/xla/tsl/c/tsl_status.h',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    rmSync(directory, { recursive: true });
  });
});
