import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../../core/network';
import { projectRoot, writeFileAtomic } from '../files';
import { nativeAddonPath } from './native';

/** Result of the engine setup. It is stored in node_modules, so that a reinstall removes it. */
export interface EngineRecord {
  engine: EngineName;
  /** one line of text: which engine, and why */
  why: string;
  /** failed attempts to set up the native engine, with reasons */
  attempts: string[];
  /** size of the native addon that was tried, to detect a different one */
  addonBytes?: number;
}

const recordPath = join(projectRoot, 'node_modules', '.cache', 'speech-emotion-workbench', 'engine.json');

/** The record of the last setup; undefined if there is none or the native addon has changed since. */
export function readEngineRecord(): EngineRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath, 'utf8')) as EngineRecord;
    return record.addonBytes === addonBytes() ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the result of a setup. @see {@link readEngineRecord} */
export function writeEngineRecord(record: EngineRecord): Promise<void> {
  return writeFileAtomic(recordPath, JSON.stringify({ ...record, addonBytes: addonBytes() }, null, 2) + '\n');
}

function addonBytes(): number | undefined {
  return statSync(nativeAddonPath(), { throwIfNoEntry: false })?.size;
}
