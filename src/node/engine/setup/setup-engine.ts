import { existsSync, rmSync } from 'node:fs';
import { WorkbenchError } from '../../../core/base';
import { parseEngineName } from '../load';
import { type EngineRecord, readEngineRecord, writeEngineRecord } from '../record';
import { nativeAddonPath } from '../tfjs-node';
import { buildAddon } from './build-addon';
import { findTensorFlow } from './find-tensorflow';
import { runOwnDownload } from './own-download';
import { probeNative } from './probe';

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
