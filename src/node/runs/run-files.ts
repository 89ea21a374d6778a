import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount, InvalidArgumentError, messageOf, printable, shorten } from '../../core/base';
import { experimentConfig } from '../../core/config';
import {
  explainFileError,
  openFolder,
  paths,
  removeAbandoned,
  removeTemporary,
  temporaryPath,
} from '../files';
import { recordProblem } from './record-schema';
import type { RunRecord } from './run-record';

/** A run record and the name of its file. */
export type StoredRun = RunRecord & { file: string };

/**
 * Writes a run record to a new file, completely or not at all. The file name contains start time, preset (of an ensemble all presets) and
 * config hash; an existing file is never overwritten.
 *
 * @param folder - default `runs/`, which git ignores
 * @param options.saveFirst - saves files that belong to the record, such as its models, before the record is written; called with the path
 *   of the record, and again with another path if another process has taken the first
 * @param options.file - name of the file, if an earlier call was killed; an existing record of this name is complete and is kept
 * @returns path of the file
 * @throws WorkbenchError with path and remedy, for example if the disk is full
 */
export async function writeRunRecord(
  record: RunRecord,
  folder: string = paths.runs,
  { saveFirst, file }: { saveFirst?: (path: string) => Promise<void>; file?: string } = {},
): Promise<string> {
  openFolder(folder);
  removeAbandoned(folder, olderTemporaryFiles);
  const text = `${JSON.stringify(record, nanToText, 2)}\n`;
  for (let copy = 1; ; copy++) {
    const path = join(folder, file ?? runFileName(record, copy));
    if (file === undefined && (existsSync(path) || existsSync(path.replace(/\.json$/, '')))) continue;
    if (file !== undefined && existsSync(path)) return path;
    await saveFirst?.(path);
    if ((await writeNew(path, text)) || file !== undefined) return path;
  }
}

/** The name of a record's file; `copy` distinguishes runs of the same second. */
export function runFileName({ started, config, hash, members }: RunRecord, copy = 1): string {
  const presets = members
    ? [...new Set(members.map((member) => member.name)), 'ensemble'].join('-')
    : config.name;
  const time = started.slice(0, 19).replaceAll(':', '-');
  return `${time}-${presets}-${hash.slice(0, 8)}${copy > 1 ? `-${copy}` : ''}.json`;
}

/** Temporary files of records, as older versions named them. */
const olderTemporaryFiles = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Writes a file that does not exist yet, completely or not at all. @returns false if it exists */
async function writeNew(path: string, text: string): Promise<boolean> {
  const unfinished = temporaryPath(path);
  try {
    await writeFile(unfinished, text, { flush: true });
    return await linkNew(unfinished, path);
  } catch (error) {
    throw explainFileError(error, path);
  } finally {
    removeTemporary(unfinished);
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

/** Maximum size of a record; typical records have about 100 kB. */
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

/** Lists skipped files in at most five lines; an empty string if there are none. */
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

/** File systems allow 255 bytes, and temporary files have longer names. */
const maxNameBytes = 160;

/**
 * Converts the name of a split to a file name: `fold 1, sentences A` becomes `fold-1-sentences-A`. If characters other than spaces and commas
 * are replaced, or the name is shortened, part of the name's hash is appended, so that `Ann/Bob` and `Ann:Bob` differ.
 */
export function splitFileName(split: string): string {
  const name = split.replace(/[^\p{L}\p{N}_+-]+/gu, '-');
  const isLong = Buffer.byteLength(name) > maxNameBytes;
  if (/^[\p{L}\p{N}_+\-, ]+$/u.test(split) && !isLong) return name;
  const start = isLong ? name.slice(0, maxNameBytes / 4) : name; // a character has at most four bytes
  return `${start}-${createHash('sha256').update(split).digest('hex').slice(0, 8)}`;
}
