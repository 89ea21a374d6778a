import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, WorkbenchError } from '../../core/base';
import { projectRoot } from '../files';
import { parseEngineName } from './load';
import { nativeAddonPath, tfjsNodeDirectory } from './native';
import { type EngineRecord, readEngineRecord, writeEngineRecord } from './record';
import { buildAddon, findTensorFlow } from './build-addon';

export interface SetupOptions {
  /** told, a line at a time, before what takes long; silent by default */
  say?: (line: string) => void;
  /** try again for the native engine where an earlier set-up settled for WebAssembly; false by default */
  retry?: boolean;
}

/**
 * Finds the best engine for this machine, once: (1) a tfjs-node that works already, (2) tfjs-node's own download,
 * (3) tfjs-node built against the TensorFlow of an installed Python or of a `tensorflow-cpu` wheel, (4) WebAssembly.
 * The outcome is recorded; with a record there is nothing to do.
 *
 * @returns the record: which engine, why, and what was tried before
 * @throws {@link WorkbenchError} if `SER_ENGINE=native` and no native engine can be had, with the reasons
 */
export async function setUpEngine({
  say = () => undefined,
  retry = false,
}: SetupOptions = {}): Promise<EngineRecord> {
  const forced = parseEngineName(process.env.SER_ENGINE);
  if (forced === 'wasm')
    return { engine: 'wasm', why: 'WebAssembly, because SER_ENGINE=wasm asks for it', attempts: [] };
  const known = readEngineRecord();
  const settled = known && (known.engine === 'native' || (!retry && forced === undefined));
  if (settled) return known;

  const record = await findNative(say);
  writeEngineRecord(record);
  if (forced === 'native' && record.engine !== 'native') {
    throw new WorkbenchError(
      `SER_ENGINE=native, but no native engine can be had here: ${record.attempts.join('; ')}`,
    );
  }
  return record;
}

async function findNative(say: (line: string) => void): Promise<EngineRecord> {
  const attempts: string[] = [];
  const native = async (how: string): Promise<EngineRecord | undefined> => {
    const probe = await probeNative();
    if ('version' in probe) return { engine: 'native', why: `native, ${probe.version}: ${how}`, attempts };
    attempts.push(`${how}: ${probe.reason}`);
    rmSync(nativeAddonPath(), { force: true });
    return undefined;
  };

  if (existsSync(nativeAddonPath())) {
    const record = await native('already installed');
    if (record) return record;
  }

  const refused = await runOwnDownload();
  if (refused) attempts.push(`tfjs-node's own download: ${refused}`);
  else {
    const record = await native("tfjs-node's own download");
    if (record) return record;
  }

  const library = await findTensorFlow(say);
  if (typeof library === 'string') attempts.push(`a TensorFlow to build against: ${library}`);
  else {
    const how = `built against ${library.origin}`;
    const failed = await buildAddon(library, say);
    const record = failed ? undefined : await native(how);
    if (record) return record;
    if (failed) attempts.push(`${how}: ${failed}`);
  }
  return { engine: 'wasm', why: `WebAssembly, slower: ${attempts.join('; ')}`, attempts };
}

/**
 * Runs tfjs-node's own install script, which downloads TensorFlow 2.9.1 and a prebuilt addon, if its host answers.
 *
 * @param timeoutMs - how long the host may take to answer before the download is given up
 * @returns undefined if the script ran, else the reason why not
 */
export async function runOwnDownload(timeoutMs = 5_000): Promise<string | undefined> {
  const host = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    return `${new URL(host).hostname} is not reached`;
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

/**
 * Tries the native engine in a process of its own, because an addon built for another processor ends the process that
 * loads it. It trains one step of a small convolution, so that a broken library is noticed here.
 *
 * @returns the engine's version, or the reason why it does not work
 */
export async function probeNative(): Promise<{ version: string } | { reason: string }> {
  const typescript = __filename.endsWith('.ts');
  const script = `
    const { loadNative } = require(${JSON.stringify(join(__dirname, '..', typescript ? 'native.ts' : 'native.js'))});
    const { tf, version } = loadNative();
    const gradient = tf.grad((w) => tf.conv2d(tf.ones([1, 1, 4, 1]), w, 1, 'same').sum())(tf.ones([1, 3, 1, 1]));
    if (String(gradient.dataSync()) !== '3,4,3') throw new Error('wrong gradient ' + gradient.dataSync());
    console.log('engine: ' + version);`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...(typescript ? ['--import', 'tsx'] : []), '-e', script],
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
