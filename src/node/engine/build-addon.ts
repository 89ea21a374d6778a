import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';
import { messageOf } from '../../core/base';
import {
  createFileAtomic,
  newFolder,
  openFolder,
  removeAbandoned,
  removeTemporary,
  temporaryPath,
  userCacheDirectory,
} from '../files';
import { nativeAddonPath, tfjsNodeDirectory, tfjsNodeVersion } from './native';

const run = promisify(execFile);

/** A TensorFlow C library: a folder with the shared libraries and `include/`. */
export interface TensorFlowLibrary {
  directory: string;
  version: string;
  /** description of its source */
  origin: string;
}

/**
 * Compiles tfjs-node's binding against a TensorFlow library and copies it to where tfjs-node looks for it. Needs only a C++
 * compiler, because the N-API headers are an npm package. The result (0.1 MB) is kept in the user's cache for reinstalls.
 *
 * @returns undefined on success, otherwise the problem
 */
export async function buildAddon(
  library: TensorFlowLibrary,
  log: (line: string) => void,
): Promise<string | undefined> {
  const identity = [tfjsNodeVersion(), library.version, library.directory, process.arch].join('\n');
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const cached = join(userCacheDirectory(), 'addon', `tfjs_binding-${key}.node`);
  if (!existsSync(cached)) {
    log(`compiling tfjs-node's binding against TensorFlow ${library.version} …`);
    const problem = await compile(library, cached);
    if (problem) return problem;
  }
  await createFileAtomic(nativeAddonPath(), (unfinished) => {
    copyFileSync(cached, unfinished);
  });
  return undefined;
}

async function compile(library: TensorFlowLibrary, target: string): Promise<string | undefined> {
  const source = join(tfjsNodeDirectory(), 'binding');
  const nodeApi = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
  const compiler = process.env.CXX ?? 'g++';
  openFolder(dirname(target));
  const unfinished = temporaryPath(target);
  const args = [
    '-std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8'.split(' '),
    [nodeApi, tfjsNodeDirectory(), join(library.directory, 'include')].map((directory) => `-I${directory}`),
    [join(source, 'tfjs_backend.cc'), join(source, 'tfjs_binding.cc')],
    [
      join(library.directory, 'libtensorflow_cc.so.2'),
      join(library.directory, 'libtensorflow_framework.so.2'),
    ],
    [`-Wl,-rpath,${library.directory}`, '-o', unfinished],
  ].flat();
  try {
    await run(compiler, args, { timeout: 300_000, maxBuffer: 1 << 26 });
  } catch (error) {
    removeTemporary(unfinished);
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing
      ? `no C++ compiler found (${compiler})`
      : `${compiler} failed: ${messageOf(error).slice(-300)}`;
  }
  renameSync(unfinished, target);
  removeTemporary(unfinished);
  return undefined;
}

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const isLibrary = (directory: string): boolean =>
  [...libraries, 'include/tensorflow/c/c_api.h'].every((name) => existsSync(join(directory, name)));

/**
 * Finds or downloads TensorFlow's C library: an unpacked wheel in the user's cache, an installed Python TensorFlow, or a
 * `tensorflow-cpu` wheel from pip. Wheels are zip files, so no virtual environment is needed; the unpacked files (0.9 GB) stay in the
 * user's cache.
 *
 * @param log - called with a line of text before each long operation
 * @returns the library, or the problem
 */
export async function findTensorFlow(log: (line: string) => void): Promise<TensorFlowLibrary | string> {
  if (process.platform !== 'linux') return 'compiling against a Python TensorFlow is supported on Linux only';
  const cache = join(userCacheDirectory(), 'tensorflow');
  const unpacked = newestUnpacked(cache);
  if (unpacked) return unpacked;
  const python = await firstPython();
  if (!python) return 'no Python found, which is needed to download TensorFlow';
  return (await installedInPython(python)) ?? (await downloadWheel(python, cache, log));
}

function newestUnpacked(cache: string): TensorFlowLibrary | undefined {
  const found = (existsSync(cache) ? readdirSync(cache) : [])
    .filter((name) => name.endsWith(`-${process.arch}`) && isLibrary(join(cache, name)))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  if (!found) return undefined;
  const version = found.slice(0, -process.arch.length - 1);
  return { directory: join(cache, found), version, origin: 'the cached tensorflow-cpu wheel' };
}

async function firstPython(): Promise<string | undefined> {
  for (const python of ['python3', 'python']) {
    const works = await run(python, ['--version'], { timeout: 10_000 }).catch(() => undefined);
    if (works) return python;
  }
  return undefined;
}

/** The library of an installed Python TensorFlow; undefined if there is none, or it lacks the C library. */
export async function installedInPython(python: string): Promise<TensorFlowLibrary | undefined> {
  // Importing TensorFlow would take seconds.
  const script = `
import importlib.metadata as m, importlib.util as u
spec = u.find_spec("tensorflow")
for name in ("tensorflow-cpu", "tensorflow"):
    try: print(list(spec.submodule_search_locations)[0], m.version(name), sep="\\n"); break
    except Exception: pass`;
  const output = await run(python, ['-c', script], { timeout: 20_000 }).catch(() => undefined);
  const [directory, version] = output?.stdout.trim().split('\n') ?? [];
  if (!directory || !version || !isLibrary(directory)) return undefined;
  return { directory, version, origin: `the tensorflow package of ${python}` };
}

async function downloadWheel(
  python: string,
  cache: string,
  log: (line: string) => void,
): Promise<TensorFlowLibrary | string> {
  const work = newFolder(join(cache, 'wheel'));
  removeAbandoned(cache, /^\.partial-(\d+)$/);
  try {
    log(
      "downloading a tensorflow-cpu wheel with pip (about 270 MB, once per user) to link TensorFlow's library …",
    );
    const limits = ['--retries', '0', '--timeout', '5', '--disable-pip-version-check'];
    await run(python, ['-m', 'pip', 'download', 'tensorflow-cpu', '--no-deps', '-d', work, ...limits], {
      timeout: 1_800_000,
      maxBuffer: 1 << 26,
    });
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    const version = wheel && /^tensorflow_cpu-([^-]+)-/.exec(wheel)?.[1];
    if (!wheel || !version) return 'pip downloaded no tensorflow-cpu wheel';
    log('unpacking the wheel …');
    const unpacked = join(work, 'unpacked');
    await unpackWheel(join(work, wheel), unpacked);
    if (!isLibrary(unpacked)) return `${wheel} does not contain the C library and its headers`;
    const directory = join(cache, `${version}-${process.arch}`);
    renameSync(unpacked, directory);
    return { directory, version, origin: 'a tensorflow-cpu wheel' };
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    return `pip could not download tensorflow-cpu (${/^ERROR: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? 'no reason given'})`;
  } finally {
    removeTemporary(work);
  }
}

/** TensorFlow's shared libraries and the headers of its C API. */
const wanted =
  /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2|include\/(?:tensorflow\/(?:c|core\/platform)|tsl|xla\/tsl|external\/local_\w+)\/.*\.h)$/;

/**
 * Extracts the files needed for linking from a TensorFlow wheel: `libtensorflow_cc.so.2`, `libtensorflow_framework.so.2` and the
 * headers of the C API in `include/`.
 */
export async function unpackWheel(wheel: string, directory: string): Promise<void> {
  const zip = await openPromise(wheel);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = wanted.exec(entry.fileName)?.[1];
      if (!name) continue;
      const target = join(directory, name); // yauzl rejects absolute names and names with `..`
      mkdirSync(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    }
  } finally {
    zip.close();
  }
}
