import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount, InvalidArgumentError, messageOf, printable, shorten } from '../../core/base';
import { experimentConfig } from '../../core/config';
import { explainFileError, paths } from '../files';
import { recordProblem } from './record-schema';
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
    throw explainFileError(error, folder);
  });
  const records: StoredRun[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const file of names.filter((name) => name.endsWith('.json')).sort()) {
    try {
      records.push({ ...checkRecord(await readJson(join(folder, file))), file });
    } catch (error) {
      skipped.push({ file, reason: shorten(printable(messageOf(error)), 300) });
    }
  }
  return { records: records.sort((a, b) => (a.started < b.started ? -1 : 1)), skipped };
}

/** Records have about 100 kB. */
const maxBytes = 50e6;

async function readJson(path: string): Promise<unknown> {
  try {
    const file = await stat(path);
    if (!file.isFile()) throw new Error('it is not a file');
    if (file.size > maxBytes)
      throw new Error(
        `it has ${formatCount(file.size)} bytes, and a record at most ${formatCount(maxBytes)}`,
      );
    return JSON.parse(await readFile(path, 'utf8'), textToNan);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** Options that an old config lacks have the default of its preset. */
function checkRecord(value: unknown): RunRecord {
  if (typeof value !== 'object' || value === null || !('format' in value))
    throw new Error('it is not a run record');
  const problem = recordProblem(value);
  if (problem !== undefined) throw new Error(`it is not a run record: ${problem}`);
  const record = value as RunRecord;
  return { ...record, config: experimentConfig(record.config) };
}

/** What was skipped, in at most four lines; an empty text if nothing was. */
export function formatSkippedRecords(skipped: readonly { file: string; reason: string }[]): string {
  if (skipped.length === 0) return '';
  const shown = skipped.slice(0, 3).map(({ file, reason }) => `  ${printable(file)}: ${reason}`);
  const more =
    skipped.length > shown.length ? [`  … and ${formatCount(skipped.length - shown.length)} more`] : [];
  const head = `${formatCount(skipped.length)} ${skipped.length === 1 ? 'file is not a' : 'files are not'} valid run record${skipped.length === 1 ? '' : 's'}:`;
  return [head, ...shown, ...more].join('\n');
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
