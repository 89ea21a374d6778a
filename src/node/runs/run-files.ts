import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, messageOf } from '../../core/base';
import { experimentConfig } from '../../core/config';
import { paths } from '../files';
import type { RunRecord } from './run-record';

/** A run record and the name of its file. */
export type StoredRun = RunRecord & { file: string };

/**
 * Writes a run record, whole or not at all, to a file of its own that is named by time, preset and the config's hash, of an ensemble by all presets. No file is
 * ever written over.
 *
 * @param folder - default `runs`, which git ignores
 * @returns the file's path
 */
export async function writeRunRecord(record: RunRecord, folder: string = paths.runs): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { started, config, hash, members } = record;
  const what = members
    ? [...new Set(members.map((member) => member.name)), 'ensemble'].join('-')
    : config.name;
  const name = `${started.slice(0, 19).replaceAll(':', '-')}-${what}-${hash.slice(0, 8)}`;
  const unfinished = join(folder, `${name}.${randomUUID()}.tmp`);
  await writeFile(unfinished, `${JSON.stringify(record, nanToText, 2)}\n`);
  try {
    for (let copy = 1; ; copy++) {
      const path = join(folder, `${name}${copy > 1 ? `-${copy}` : ''}.json`);
      if (await publish(unfinished, path)) return path;
    }
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Gives a finished file its name. @returns false if there is a file of this name */
async function publish(file: string, path: string): Promise<boolean> {
  try {
    await link(file, path).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw error;
      return copyFile(file, path, constants.COPYFILE_EXCL); // a file system without hard links
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Reads the run records of a folder.
 *
 * @param folder - default `runs`
 * @returns the records, the oldest first; and the files that are none, with the reason. A folder that is not there has none.
 */
export async function readRunRecords(
  folder: string = paths.runs,
): Promise<{ records: StoredRun[]; skipped: { file: string; reason: string }[] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const records: StoredRun[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const file of names.filter((name) => name.endsWith('.json')).sort()) {
    try {
      const value: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'), textToNan);
      records.push({ ...checkRecord(value), file });
    } catch (error) {
      skipped.push({ file, reason: messageOf(error) });
    }
  }
  return { records: records.sort((a, b) => (a.started < b.started ? -1 : 1)), skipped };
}

/** What a newer config has and this one lacks is as in its preset. */
function checkRecord(value: unknown): RunRecord {
  const record = value as Partial<RunRecord> | null;
  if (typeof record !== 'object' || record === null || !('format' in record))
    throw new Error('it is no run record');
  if (record.format !== 1) throw new Error(`its format is ${String(record.format)}, not 1`);
  const missing = (['started', 'status', 'config', 'hash', 'splits', 'environment'] as const).find(
    (key) => record[key] === undefined,
  );
  if (missing) throw new Error(`it lacks ${missing}`);
  const whole = record as RunRecord;
  return { ...whole, config: experimentConfig(whole.config) };
}

// JSON has no NaN: what the interval of a single speaker is.
const nanToText = (_key: string, value: unknown): unknown => (Number.isNaN(value) ? 'NaN' : value);
const textToNan = (_key: string, value: unknown): unknown => (value === 'NaN' ? NaN : value);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * The first of some runs whose name has a part: `npm run evaluate -- --ledger`, `npm run figures -- --run`.
 *
 * @throws {@link InvalidArgumentError} that names those that there are
 */
export function runNamed<Run extends { file: string }>(runs: readonly Run[], part: string): Run {
  const found = runs.find(({ file }) => file.includes(part));
  if (found) return found;
  const known = runs.map(({ file }) => file).join(', ') || 'there is none';
  throw new InvalidArgumentError('RUN', `part of a scored run's name (${known})`, part);
}

/**
 * A split's name as that of a file or folder: `fold 1, sentences A` is `fold-1-sentences-A`. Where more than blanks and commas is
 * lost, the beginning of the name's hash tells it from others: `Ann/Bob` is not `Ann:Bob`.
 */
export function splitFileName(split: string): string {
  const name = split.replace(/[^\p{L}\p{N}_+-]+/gu, '-');
  if (/^[\p{L}\p{N}_+\-, ]+$/u.test(split)) return name;
  return `${name}-${createHash('sha256').update(split).digest('hex').slice(0, 8)}`;
}
