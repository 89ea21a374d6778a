import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import { projectRoot } from '../files';
import { buildAddon, findTensorFlow, installedInPython, type TensorFlowLibrary } from './build-addon';
import { type EngineRecord, parseEngineName, readEngineRecord, writeEngineRecord } from './load';
import { nativeAddonPath, tfjsNodeDirectory } from './native';

/** Options of {@link setUpEngine}. */
export interface SetupOptions {
  /** called with a line of text before each long operation; default none */
  log?: (line: string) => void;
  /** try to install the native engine again if an earlier setup chose WebAssembly; default false */
  retry?: boolean;
  /** a Python with TensorFlow, for example one for GPUs: compile tfjs-node against its library */
  python?: string;
}

/**
 * Finds the fastest engine for this machine, in this order: (1) an installed tfjs-node that works, (2) tfjs-node's own download,
 * (3) tfjs-node compiled against the TensorFlow of an installed Python or of a `tensorflow-cpu` wheel, (4) WebAssembly.
 * The result is stored, so that later calls return at once.
 *
 * @returns the engine, the reason for choosing it, and failed attempts
 * @throws {@link WorkbenchError} if `SER_ENGINE=native` and no native engine can be installed, or if the TensorFlow of `python` cannot be
 * used, with the reasons; another engine is then installed where possible
 */
export async function setUpEngine({
  log = () => undefined,
  retry = false,
  python,
}: SetupOptions = {}): Promise<EngineRecord> {
  const chosen = parseEngineName(process.env.SER_ENGINE);
  if (chosen === 'wasm' && python !== undefined)
    throw new InvalidArgumentError('--python', 'left out with SER_ENGINE=wasm', python);
  if (chosen === 'wasm')
    return { engine: 'wasm', why: 'WebAssembly, because of SER_ENGINE=wasm', attempts: [] };
  const known = readEngineRecord();
  const isSettled =
    python === undefined && known && (known.engine === 'native' || (!retry && chosen === undefined));
  if (isSettled) return known;

  const record = await findNative(log, python);
  await writeEngineRecord(record);
  if (python !== undefined && record.attempts.length > 0) {
    throw new WorkbenchError(
      `--python: the TensorFlow of ${python} cannot be used: ${record.attempts.join('; ')}. Installed instead: ${record.engine}`,
    );
  }
  if (chosen === 'native' && record.engine !== 'native') {
    throw new WorkbenchError(
      `SER_ENGINE=native: no native engine can be installed here: ${record.attempts.join('; ')}`,
    );
  }
  return record;
}

async function findNative(log: (line: string) => void, python?: string): Promise<EngineRecord> {
  const attempts: string[] = [];
  const tryAddon = async (how: string): Promise<EngineRecord | undefined> => {
    const probe = await probeNative();
    if ('version' in probe) return { engine: 'native', why: `native, ${probe.version}: ${how}`, attempts };
    attempts.push(`${how}: ${probe.reason}`);
    rmSync(nativeAddonPath(), { force: true });
    return undefined;
  };

  const tryLibrary = async (library: TensorFlowLibrary | string): Promise<EngineRecord | undefined> => {
    if (typeof library === 'string') {
      attempts.push(`TensorFlow library to compile against: ${library}`);
      return undefined;
    }
    const how = `compiled against ${library.origin}`;
    const failure = await buildAddon(library, log);
    if (failure) attempts.push(`${how}: ${failure}`);
    return failure ? undefined : tryAddon(how);
  };

  if (python !== undefined) {
    const record = await tryLibrary(
      (await installedInPython(python)) ?? `${python} has no TensorFlow with its C library and headers`,
    );
    if (record) return record;
  }

  if (existsSync(nativeAddonPath())) {
    const record = await tryAddon('already installed');
    if (record) return record;
  }

  const problem = await runOwnDownload();
  if (problem) attempts.push(`tfjs-node's own download: ${problem}`);
  else {
    const record = await tryAddon("tfjs-node's own download");
    if (record) return record;
  }

  const record = await tryLibrary(await findTensorFlow(log));
  if (record) return record;
  return { engine: 'wasm', why: `WebAssembly (slower): ${attempts.join('; ')}`, attempts };
}

/**
 * Tests the native engine in a separate process, because an addon built for another processor crashes the process. Computes a
 * gradient of a small convolution to detect a broken library.
 *
 * @returns the engine's version, or the reason why it does not work
 */
async function probeNative(): Promise<{ version: string } | { reason: string }> {
  const isTypescript = __filename.endsWith('.ts');
  const script = `
    const { loadNative } = require(${JSON.stringify(join(__dirname, isTypescript ? 'native.ts' : 'native.js'))});
    const { tf, version } = loadNative();
    const gradient = tf.grad((w) => tf.conv2d(tf.ones([1, 1, 4, 1]), w, 1, 'same').sum())(tf.ones([1, 3, 1, 1]));
    if (String(gradient.dataSync()) !== '3,4,3') throw new Error('wrong gradient ' + gradient.dataSync());
    console.log('engine: ' + version);`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...(isTypescript ? ['--import', 'tsx'] : []), '-e', script],
      { cwd: projectRoot, timeout: 60_000 },
    );
    const version = /^engine: (.*)$/m.exec(stdout)?.[1];
    return version ? { version } : { reason: 'it printed no version' };
  } catch (error) {
    const { signal, stderr = '' } = error as { signal?: string; stderr?: string };
    if (signal) return { reason: `the process ended with ${signal}` };
    return { reason: /^\w*Error: (.*)$/m.exec(stderr)?.[1]?.trim() ?? 'it did not load' };
  }
}

/**
 * Runs tfjs-node's install script, which downloads TensorFlow 2.9.1 and a prebuilt addon, if its host is reachable.
 *
 * @param timeoutMs - maximum response time of the host
 * @returns undefined on success, otherwise the problem
 */
async function runOwnDownload(timeoutMs = 5_000): Promise<string | undefined> {
  const host = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    return `${new URL(host).hostname} is not reachable`;
  }
  try {
    // Through npm, so that the script finds node-pre-gyp on its PATH.
    await promisify(execFile)('npm', ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false'], {
      cwd: tfjsNodeDirectory().replace(/[\\/]node_modules[\\/].*$/, ''),
      shell: process.platform === 'win32',
      timeout: 600_000,
    });
    return undefined;
  } catch (error) {
    return `its install script failed: ${messageOf(error).split('\n').slice(0, 2).join(' ')}`;
  }
}
