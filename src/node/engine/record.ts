import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EngineName } from '../../core/network';
import { projectRoot } from '../files';
import { nativeAddonPath } from './native';

/** What set-up found out about this installation. It lives in node_modules, so a reinstall forgets it. */
export interface EngineRecord {
  engine: EngineName;
  /** one line for people: which engine, and why */
  why: string;
  /** what was tried before, with the outcome of each */
  attempts: string[];
  /** size of the native addon that was tried, to notice another one */
  addonBytes?: number;
}

const recordPath = join(projectRoot, 'node_modules', '.cache', 'speech-emotion-workbench', 'engine.json');

/** The record of the last set-up, or undefined if there is none or the installation has changed since. */
export function readEngineRecord(): EngineRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath, 'utf8')) as EngineRecord;
    return record.addonBytes === addonBytes() ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a set-up's outcome. @see {@link readEngineRecord} */
export function writeEngineRecord(record: EngineRecord): void {
  mkdirSync(dirname(recordPath), { recursive: true });
  writeFileSync(`${recordPath}.new`, JSON.stringify({ ...record, addonBytes: addonBytes() }, null, 2) + '\n');
  renameSync(`${recordPath}.new`, recordPath);
}

function addonBytes(): number | undefined {
  return statSync(nativeAddonPath(), { throwIfNoEntry: false })?.size;
}
