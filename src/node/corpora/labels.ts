import { existsSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { channelByName } from '../../core/audio';
import {
  type ClipLabels,
  corpusNames,
  demoName,
  emotionOf,
  emotions,
  intensities,
  InvalidFileError,
  isDemoName,
  messageOf,
  nameKey,
  type Sex,
  quoted,
} from '../../core/base';
import { checkLabelMap, type LabelMap } from '../../core/dataset';
import type { Remark, SkippedFile } from './load-report';
import { audioFileName, readName } from './readers/read-names';
import { readSideFiles } from './readers/side-files';
import { fileFinder, type FindFile, readSmallFile, readTable, type TableLine } from './tables';

/** The labels of a data folder. */
export interface LabelledFiles {
  /** labels and corpus by path */
  labelled: Map<string, { corpus: string; labels: ClipLabels }>;
  /** audio files with unknown names */
  unrecognised: string[];
  /** invalid tables and lines, and audio files that a table does not list */
  skipped: SkippedFile[];
  /** how tables were read */
  remarks: Remark[];
  /** the maps in `labels.json` beside a table, by corpus */
  ownLabels: LabelMap;
  /** the tables that are used, by corpus */
  tables: ReadonlyMap<string, string>;
}

/**
 * Labels the files of a data folder: from the `clips.csv` of their folder, if there is one, otherwise from their names and the side
 * files of published corpora. A table that cannot be used is reported, and the files of its folder are left out.
 *
 * @param files - paths below `root`: audio files, `clips.csv` files and side files
 * @param synthetic - the files are the synthetic demo; its corpora get the demo's names
 */
export function labelFiles(root: string, files: readonly string[], synthetic: boolean): LabelledFiles {
  const ownLabels = new Map<string, LabelMap[string]>();
  const result = { labelled: new Map(), unrecognised: [], skipped: [], remarks: [] } as Omit<
    LabelledFiles,
    'ownLabels' | 'tables'
  >;
  const tables = files.filter(isTable);
  const others = files.filter((file) => !isTable(file));
  const audio = others.filter((file) => audioFileName.test(file));
  const find = fileFinder(root, audio);
  const accepted = new Map<string, string>();
  for (const table of tables) {
    const corpus = corpusOf(table);
    try {
      requireUniqueName(corpus, table, accepted);
      const { labels, skipped, remarks } = readOwnCorpus(root, table, find);
      accepted.set(corpus, table);
      const map = readLabelMap(root, posix.join(dirname(table), 'labels.json'), corpus);
      if (map) ownLabels.set(corpus, map);
      for (const item of skipped) result.skipped.push(item);
      result.remarks.push(...remarks);
      for (const [path, label] of labels) {
        const before = result.labelled.get(path);
        if (before) {
          const reason = `it is listed in ${table} and in ${accepted.get(before.corpus)}; the labels of the latter are used`;
          result.skipped.push({ path, reason, corpus, kind: 'line' });
        } else result.labelled.set(path, { corpus, labels: label });
      }
    } catch (error) {
      if (!(error instanceof InvalidFileError)) throw error;
      result.skipped.push({ path: table, reason: error.reason, corpus, kind: 'table' });
    }
  }
  const side = readSideFiles(root, others);
  for (const item of side.skipped) result.skipped.push(item);
  result.remarks.push(...side.remarks);
  const tableOf = tableFinder(tables);
  const skipped = new Set(result.skipped.map(({ path }) => path));
  const byTable = new Map([...accepted].map(([corpus, table]) => [nameKey(corpus), table]));
  for (const path of audio) {
    if (result.labelled.has(path) || skipped.has(path)) continue;
    const table = tableOf(path);
    if (table !== undefined) {
      const corpus = corpusOf(table);
      const isUsed = accepted.get(corpus) === table;
      const reason = isUsed ? `it is not listed in ${table}` : `its table ${table} cannot be used`;
      result.skipped.push({ path, reason, corpus, kind: 'unlisted' });
      continue;
    }
    const found = readName(path, side.tables);
    if (!found) {
      result.unrecognised.push(path);
      continue;
    }
    const { corpus } = found;
    const other = byTable.get(nameKey(corpus));
    if (other !== undefined) {
      const reason = `its name is one of ${corpus}, which has a table, ${other}; move the file to the folder of the table and list it there`;
      result.skipped.push({ path, reason, corpus, kind: 'unlisted' });
    } else if ('problem' in found) {
      result.skipped.push({ path, reason: found.problem, corpus, kind: 'name' });
    } else if (synthetic) {
      const speaker = found.labels.speaker && demoName(found.labels.speaker);
      result.labelled.set(path, { corpus: demoName(corpus), labels: { ...found.labels, speaker } });
    } else result.labelled.set(path, found);
  }
  return { ...result, ownLabels: Object.fromEntries(ownLabels), tables: accepted };
}

const labelsJson = z.record(z.string(), z.nullable(z.string()));

/**
 * Reads the label map of a user's corpus.
 *
 * @returns undefined if there is none
 * @throws {@link InvalidFileError} if it is not valid
 */
export function readLabelMap(root: string, file: string, corpus: string): LabelMap[string] | undefined {
  const path = posix.join(root, file);
  return existsSync(path) ? parseLabelMap(() => readSmallFile(path, 2 ** 20), file, corpus) : undefined;
}

/** {@link readLabelMap} for the contents of a file. */
export function parseLabelMap(read: () => Buffer, file: string, corpus: string): LabelMap[string] {
  try {
    const { data, success } = labelsJson.safeParse(JSON.parse(read().toString('utf8')));
    if (!success) throw new Error('it must be an object such as {"bored": "boredom", "noise": null}');
    checkLabelMap({ [corpus]: data });
    return data;
  } catch (error) {
    throw new InvalidFileError(file, `labels.json: ${messageOf(error)}`);
  }
}

/** A folder with a file of this name, in any letter case, is one of the user's own corpora. */
export const isTable = (path: string): boolean => /(?:^|\/)clips\.csv$/i.test(path);

/** Finds the table of the innermost folder that contains a file and has one. */
function tableFinder(tables: readonly string[]): (path: string) => string | undefined {
  const byFolder = new Map<string, string | undefined>([['.', undefined]]);
  for (const table of tables.toReversed()) byFolder.set(dirname(table), table);
  const ofFolder = (folder: string): string | undefined => {
    if (!byFolder.has(folder)) byFolder.set(folder, ofFolder(posix.dirname(folder)));
    return byFolder.get(folder);
  };
  return (path) => ofFolder(posix.dirname(path));
}

/** The name of the corpus of a table: the name of its folder. */
function corpusOf(table: string): string {
  const folder = dirname(table);
  return folder === '.' ? 'own corpus' : posix.basename(folder);
}

/** Corpora are identified by name: two corpora with the same name would be merged, and their speakers mixed up. */
function requireUniqueName(name: string, table: string, tableOf: ReadonlyMap<string, string>): void {
  const other = tableOf.get(name);
  const known = corpusNames.find((corpus) => corpus.toLowerCase() === name.toLowerCase());
  if (other === undefined && known === undefined && !isDemoName(name)) return;
  const owner = other ?? (known ? `the corpus ${known}` : 'the synthetic demo');
  throw new InvalidFileError(
    table,
    `the name of its folder must be unique, got "${name}", the name of ${owner}; rename the folder`,
  );
}

const sexes = new Map<string, Sex>([
  ['female', 'female'],
  ['f', 'female'],
  ['woman', 'female'],
  ['w', 'female'],
  ['male', 'male'],
  ['m', 'male'],
  ['man', 'male'],
]);

interface OwnCorpus {
  /** labels by path below the data folder */
  labels: Map<string, ClipLabels>;
  /** invalid lines */
  skipped: SkippedFile[];
  remarks: Remark[];
}

/**
 * Reads the user's `clips.csv`: the columns `path` (relative to the CSV) and `emotion`, and optionally `speaker`, `sex`, `age`,
 * `sentence`, `intensity`, `take`, `fold` and `channel`.
 *
 * @param root - the data folder
 * @param file - path of the CSV below it
 * @throws {@link InvalidFileError} if the file is not a CSV table or lacks one of the two required columns
 */
function readOwnCorpus(root: string, file: string, find: FindFile): OwnCorpus {
  const { lines, remarks } = readTable(posix.join(root, file), {
    name: file,
    required: ['path', 'emotion'],
    optional: ['speaker', 'sex', 'age', 'sentence', 'intensity', 'take', 'fold', 'channel'],
  });
  const name = corpusOf(file);
  const corpus: OwnCorpus = {
    labels: new Map(),
    skipped: [],
    remarks: remarks.map((text) => ({ text, corpus: name })),
  };
  const lineOf = new Map<string, number>();
  for (const line of lines) {
    const text = line.cell('path');
    let path = posix.join(dirname(file), text.replaceAll('\\', '/'));
    try {
      if (line.problem !== undefined) throw new Error(line.problem);
      path = find(file, text);
      const labels = readLabels(line, name);
      const before = corpus.labels.get(path);
      if (before && !isDeepStrictEqual(before, labels)) {
        throw new Error(`line ${lineOf.get(path)} has the same path with other labels, which are used`);
      }
      if (!before) lineOf.set(path, line.line);
      corpus.labels.set(path, labels);
    } catch (error) {
      corpus.skipped.push({
        path,
        where: `${file}, line ${line.line}`,
        reason: messageOf(error),
        corpus: name,
        kind: 'line',
        emotion: emotionOf(line.cell('emotion')) ?? (line.cell('emotion').slice(0, 40) || undefined),
        speaker: speakerOf(line, name),
      });
    }
  }
  return corpus;
}

/** Maximum length of a label. */
const maxLabelLength = 100;
/** Maximum length of a cell that is not checked against a list of values. */
const maxTextLength = 1000;

function speakerOf({ cell }: TableLine, corpus: string): string | undefined {
  const speaker = cell('speaker');
  return speaker === '' || speaker.length > maxTextLength ? undefined : `${corpus}-${speaker}`;
}

/** @throws Error if a cell is invalid */
function readLabels(line: TableLine, corpus: string): ClipLabels {
  const { cell } = line;
  const label = cell('emotion');
  if (label === '')
    throw new Error(`emotion must be one of ${emotions.join(', ')}, or another label; it is empty`);
  if (label.length > maxLabelLength)
    throw new Error(`emotion must have at most ${maxLabelLength} characters, got ${label.length}`);
  // Other words are left out, unless a label map keeps them.
  const emotion = emotionOf(label) ?? label.toLowerCase();
  const optional = <T>(
    column: string,
    rule: string,
    read: (text: string) => T | undefined,
  ): T | undefined => {
    const text = cell(column);
    if (text === '') return undefined;
    const value = read(text.toLowerCase());
    if (value === undefined) throw new Error(`${column} must be ${rule}, got ${quoted(text)}`);
    return value;
  };
  const number = (pattern: RegExp, most: number) => (text: string) =>
    pattern.test(text) && Number(text) <= most ? Number(text) : undefined;
  for (const column of ['speaker', 'sentence', 'fold']) {
    if (cell(column).length > maxTextLength) {
      throw new Error(`${column} must have at most ${maxTextLength} characters, got ${cell(column).length}`);
    }
  }
  const fold = cell('fold');
  return {
    label,
    emotion,
    speaker: speakerOf(line, corpus),
    sex: optional('sex', 'female or male', (text) => sexes.get(text)),
    age: optional('age', 'a number of years from 0 to 120', number(/^\d+(\.\d+)?$/, 120)),
    sentence: cell('sentence') || undefined,
    intensity: optional('intensity', `one of ${intensities.join(', ')}`, (text) =>
      intensities.find((intensity) => intensity === text),
    ),
    take: optional('take', 'a whole number up to 1,000,000', number(/^\d+$/, 1_000_000)),
    ...(fold && { fold }),
    ...channelOf(line),
  };
}

/** Which channel to use if a file has several; nothing is stored for the mix. @throws Error if the cell is invalid */
function channelOf({ cell }: TableLine): Pick<ClipLabels, 'channel'> {
  const text = cell('channel').toLowerCase();
  const channel = channelByName(text || 'mix');
  if (channel !== undefined) return channel === 'mix' ? {} : { channel };
  const remedy = text === 'each' ? '; split the file, so that each channel has its own line and labels' : '';
  throw new Error(`channel must be mix, left, right, or a number from 1, got ${quoted(text)}${remedy}`);
}
