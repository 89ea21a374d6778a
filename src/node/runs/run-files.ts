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
 * Writes a run record to a new file, completely or not at all. The file name contains start time, preset (of an ensemble all presets) and
 * config hash; an existing file is never overwritten.
 *
 * @param folder - default `runs/`, which git ignores
 * @returns path of the file
 */
export async function writeRunRecord(record: RunRecord, folder: string = paths.runs): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { started, config, hash, members } = record;
  const presets = members
    ? [...new Set(members.map((member) => member.name)), 'ensemble'].join('-')
    : config.name;
  const name = `${started.slice(0, 19).replaceAll(':', '-')}-${presets}-${hash.slice(0, 8)}`;
  const unfinished = join(folder, `${name}.${randomUUID()}.tmp`);
  await writeFile(unfinished, `${JSON.stringify(record, nanToText, 2)}\n`);
  try {
    for (let copy = 1; ; copy++) {
      const path = join(folder, `${name}${copy > 1 ? `-${copy}` : ''}.json`);
      if (await linkNew(unfinished, path)) return path;
    }
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * Gives a complete file its final name.
 *
 * @returns false if the name is taken
 */
async function linkNew(file: string, path: string): Promise<boolean> {
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
 * @param folder - default `runs/`
 * @returns the records, oldest first, and the files that are not valid records, with the reason; both empty if the folder does not exist
 * @example
 * ```ts
 * const { records } = await readRunRecords();
 * ```
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

/** Options that an old config lacks have the default of its preset. */
function checkRecord(value: unknown): RunRecord {
  const record = value as Partial<RunRecord> | null;
  if (typeof record !== 'object' || record === null || !('format' in record))
    throw new Error('it is not a run record');
  if (record.format !== 1) throw new Error(`format must be 1, got ${String(record.format)}`);
  const missing = (['started', 'status', 'config', 'hash', 'splits', 'environment'] as const).find(
    (key) => record[key] === undefined,
  );
  if (missing) throw new Error(`${missing} is missing`);
  const complete = record as RunRecord;
  return { ...complete, config: experimentConfig(complete.config) };
}

// JSON has no NaN, for example for the interval of a single speaker.
const nanToText = (_key: string, value: unknown): unknown => (Number.isNaN(value) ? 'NaN' : value);
const textToNan = (_key: string, value: unknown): unknown => (value === 'NaN' ? NaN : value);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Finds the first run with a given part in its file name.
 *
 * @throws {@link InvalidArgumentError} if there is none; lists the available runs
 */
export function findRun<Run extends { file: string }>(runs: readonly Run[], part: string): Run {
  const found = runs.find(({ file }) => file.includes(part));
  if (found) return found;
  const known = runs.map(({ file }) => file).join(', ') || 'there are none';
  throw new InvalidArgumentError('RUN', `part of the file name of a scored run (${known})`, part);
}

/**
 * Converts the name of a split to a file name: `fold 1, sentences A` becomes `fold-1-sentences-A`. If characters other than spaces and commas
 * are replaced, part of the name's hash is appended, so that `Ann/Bob` and `Ann:Bob` differ.
 */
export function splitFileName(split: string): string {
  const name = split.replace(/[^\p{L}\p{N}_+-]+/gu, '-');
  if (/^[\p{L}\p{N}_+\-, ]+$/u.test(split)) return name;
  return `${name}-${createHash('sha256').update(split).digest('hex').slice(0, 8)}`;
}
