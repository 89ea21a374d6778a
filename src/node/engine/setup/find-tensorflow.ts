import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { userCacheDirectory } from '../../files';
import { unpackWheel } from './unpack-wheel';

/** A TensorFlow C library to link against: a folder with both shared libraries and `include/`. */
export interface TensorFlowLibrary {
  directory: string;
  version: string;
  /** where it comes from, for people */
  origin: string;
}

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const isLibrary = (directory: string): boolean =>
  [...libraries, 'include/tensorflow/c/c_api.h'].every((name) => existsSync(join(directory, name)));

/**
 * Finds TensorFlow's C library on this machine, or brings it: from an unpacked wheel in the user's cache, from an
 * installed Python TensorFlow, or from a `tensorflow-cpu` wheel that pip can get. A wheel is a zip: no virtual
 * environment is made, and what is unpacked (0.9 GB) stays in the user's cache, outside node_modules.
 *
 * @param say - told before what takes long
 * @returns the library, or the reason why there is none
 */
export async function findTensorFlow(say: (line: string) => void): Promise<TensorFlowLibrary | string> {
  if (process.platform !== 'linux') return 'building against a Python TensorFlow is for Linux';
  const cache = join(userCacheDirectory(), 'tensorflow');
  const unpacked = newestUnpacked(cache);
  if (unpacked) return unpacked;
  const python = await firstPython();
  if (!python) return 'there is no Python to bring TensorFlow with';
  return (await installedInPython(python)) ?? (await bringWheel(python, cache, say));
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

const run = promisify(execFile);

async function firstPython(): Promise<string | undefined> {
  for (const python of ['python3', 'python']) {
    const works = await run(python, ['--version'], { timeout: 10_000 }).catch(() => undefined);
    if (works) return python;
  }
  return undefined;
}

async function installedInPython(python: string): Promise<TensorFlowLibrary | undefined> {
  // Found without importing TensorFlow, which takes seconds.
  const script = `
import importlib.metadata as m, importlib.util as u
spec = u.find_spec("tensorflow")
for name in ("tensorflow-cpu", "tensorflow"):
    try: print(list(spec.submodule_search_locations)[0], m.version(name), sep="\\n"); break
    except Exception: pass`;
  const output = await run(python, ['-c', script], { timeout: 20_000 }).catch(() => undefined);
  const [directory, version] = output?.stdout.trim().split('\n') ?? [];
  if (!directory || !version || !isLibrary(directory)) return undefined;
  return { directory, version, origin: "Python's tensorflow package" };
}

async function bringWheel(
  python: string,
  cache: string,
  say: (line: string) => void,
): Promise<TensorFlowLibrary | string> {
  const work = join(cache, `.partial-${String(process.pid)}`);
  mkdirSync(work, { recursive: true });
  try {
    say(
      "asking pip for a tensorflow-cpu wheel (about 270 MB, once for all checkouts) to link TensorFlow's library …",
    );
    const patience = ['--retries', '0', '--timeout', '5', '--disable-pip-version-check'];
    await run(python, ['-m', 'pip', 'download', 'tensorflow-cpu', '--no-deps', '-d', work, ...patience], {
      timeout: 1_800_000,
      maxBuffer: 1 << 26,
    });
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    const version = wheel && /^tensorflow_cpu-([^-]+)-/.exec(wheel)?.[1];
    if (!wheel || !version) return 'pip brought no tensorflow-cpu wheel';
    say('unpacking it …');
    const unpacked = join(work, 'unpacked');
    await unpackWheel(join(work, wheel), unpacked);
    if (!isLibrary(unpacked)) return `${wheel} holds no C library and headers`;
    const directory = join(cache, `${version}-${process.arch}`);
    renameSync(unpacked, directory);
    return { directory, version, origin: 'a tensorflow-cpu wheel' };
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    return `pip could not bring tensorflow-cpu (${/^ERROR: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? 'no reason given'})`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
