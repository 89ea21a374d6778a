import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type ClipLabels,
  demoName,
  type Emotion,
  emotions,
  intensities,
  InvalidFileError,
  isDemoName,
  messageOf,
  type Sex,
} from '../../core/base';
import { labelByName, parsers } from './file-names';
import type { SkippedFile } from './load-report';

/** The labels of a data folder. */
export interface LabelledFiles {
  /** labels and corpus by path */
  labelled: Map<string, ClipLabels & { corpus: string }>;
  /** audio files with unknown names */
  unrecognised: string[];
  /** invalid lines of a `clips.csv`, and audio files that it does not list */
  skipped: SkippedFile[];
}

/**
 * Labels the files of a data folder: from the `clips.csv` of the folder they are in, if there is one, else from their names.
 *
 * @param files - paths below `root`: audio files and `clips.csv` files
 * @param synthetic - the files are the synthetic demo; its corpora get the demo's names
 * @throws {@link InvalidFileError} if a `clips.csv` is invalid, or its folder has the name of another corpus
 */
export function labelFiles(root: string, files: readonly string[], synthetic: boolean): LabelledFiles {
  const result: LabelledFiles = { labelled: new Map(), unrecognised: [], skipped: [] };
  const tables = files.filter((file) => posix.basename(file) === ownCorpusFile);
  const present = new Set(files);
  const tableOf = new Map<string, string>();
  for (const table of tables) {
    const { name, labels, skipped } = readOwnCorpus(root, table);
    requireUniqueName(name, table, tableOf);
    tableOf.set(name, table);
    result.skipped.push(...skipped);
    for (const [path, label] of labels) {
      const before = result.labelled.get(path);
      if (before) {
        const reason = `it is listed in ${table} and in ${tableOf.get(before.corpus)}; the labels of the latter are used`;
        result.skipped.push({ path, reason, corpus: name });
      } else if (present.has(path)) result.labelled.set(path, { ...label, corpus: name });
      else result.skipped.push({ path, reason: 'there is no such file', corpus: name });
    }
  }
  const skipped = new Set(result.skipped.map(({ path }) => path));
  for (const path of files) {
    if (tables.includes(path) || result.labelled.has(path) || skipped.has(path)) continue;
    const own = [...tableOf].find(([, one]) => dirname(one) === '.' || path.startsWith(`${dirname(one)}/`));
    if (own) {
      const [corpus, table] = own;
      result.skipped.push({ path, reason: `it is not listed in ${table}`, corpus });
      continue;
    }
    const found = labelByName(path);
    if (!found) result.unrecognised.push(path);
    else {
      const name = synthetic ? demoName : (original: string) => original;
      const { labels, corpus } = found;
      result.labelled.set(path, {
        ...labels,
        corpus: name(corpus),
        speaker: labels.speaker && name(labels.speaker),
      });
    }
  }
  return result;
}

/** Corpora are identified by name: two corpora with the same name would be merged, and their speakers mixed up. */
function requireUniqueName(name: string, table: string, tableOf: ReadonlyMap<string, string>): void {
  const other = tableOf.get(name);
  const known = Object.keys(parsers).find((corpus) => corpus.toLowerCase() === name.toLowerCase());
  if (other === undefined && known === undefined && !isDemoName(name)) return;
  const owner = other ?? (known ? `the corpus ${known}` : 'the synthetic demo');
  throw new InvalidFileError(
    table,
    `the name of its folder must be unique, got "${name}", the name of ${owner}; rename the folder`,
  );
}

/** A folder with this file is a corpus of the user. */
const ownCorpusFile = 'clips.csv';

/** Accepted synonyms of the seven emotions. */
const synonyms: Partial<Record<string, Emotion>> = {
  anger: 'angry',
  disgusted: 'disgust',
  fearful: 'fear',
  afraid: 'fear',
  happiness: 'happy',
  joy: 'happy',
  calm: 'neutral',
  sadness: 'sad',
  surprised: 'surprise',
  'pleasant surprise': 'surprise',
};

const sexes: Partial<Record<string, Sex>> = { female: 'female', f: 'female', male: 'male', m: 'male' };

interface OwnCorpus {
  /** the folder's name */
  name: string;
  /** labels by path below the data folder */
  labels: Map<string, ClipLabels>;
  /** invalid lines */
  skipped: SkippedFile[];
}

/**
 * Reads the user's `clips.csv`: the columns `path` (relative to the CSV) and `emotion`, and optionally `speaker`, `sex`, `age`,
 * `sentence`, `intensity`, `take` and `fold`.
 *
 * @param root - the data folder
 * @param file - path of the CSV below it
 * @throws {@link InvalidFileError} if the file is not a CSV table or lacks one of the two required columns
 */
function readOwnCorpus(root: string, file: string): OwnCorpus {
  const { columns, lines } = readLines(root, file);
  const missing = ['path', 'emotion'].filter((column) => lines.length > 0 && !columns.includes(column));
  if (missing.length > 0) {
    throw new InvalidFileError(
      file,
      `it must have the columns path and emotion; ${missing.join(' and ')} missing`,
    );
  }
  const folder = dirname(file);
  const name = folder === '.' ? 'own corpus' : posix.basename(folder);
  const corpus: OwnCorpus = { name, labels: new Map(), skipped: [] };
  const lineOf = new Map<string, number>();
  for (const { row, line, isComplete } of lines) {
    const path = posix.join(folder, (row.path ?? '').replaceAll('\\', '/'));
    try {
      if (!isComplete) throw new Error(`it must have ${columns.length} cells like the first line`);
      const labels = readRow(row, name);
      const before = corpus.labels.get(path);
      if (before && !isDeepStrictEqual(before, labels)) {
        throw new Error(`line ${lineOf.get(path)} has the same path with other labels, which are used`);
      }
      corpus.labels.set(path, labels);
      lineOf.set(path, line);
    } catch (error) {
      corpus.skipped.push({ path, reason: `${file}, line ${line}: ${messageOf(error)}`, corpus: name });
    }
  }
  return corpus;
}

type Row = Partial<Record<string, string>>;

/** The lines below the heading, with their line numbers; `isComplete` if a line has as many cells as the heading. */
function readLines(
  root: string,
  file: string,
): { columns: string[]; lines: { row: Row; line: number; isComplete: boolean }[] } {
  let columns: string[] = [];
  try {
    const records = parse(readFileSync(join(root, file)), {
      columns: (names: string[]) => (columns = names),
      skip_empty_lines: true,
      bom: true,
      trim: true,
      info: true,
      relax_column_count: true,
    }) as unknown as { record: Row; info: { lines: number; error?: Error } }[];
    const lines = records.map(({ record, info }) => ({
      row: record,
      line: info.lines,
      isComplete: !info.error,
    }));
    return { columns, lines };
  } catch (error) {
    throw new InvalidFileError(file, `it is not a CSV table: ${messageOf(error)}`);
  }
}

/** @throws Error if a cell is invalid */
function readRow(row: Row, corpus: string): ClipLabels {
  const label = row.emotion ?? '';
  const word = label.toLowerCase();
  const emotion = emotions.find((candidate) => candidate === word) ?? synonyms[word];
  if (!emotion)
    throw new Error(`emotion must be one of ${emotions.join(', ')}, got ${JSON.stringify(label)}`);
  const optional = <T>(
    column: string,
    rule: string,
    read: (text: string) => T | undefined,
  ): T | undefined => {
    const text = row[column];
    if (!text) return undefined;
    const value = read(text.toLowerCase());
    if (value === undefined) throw new Error(`${column} must be ${rule}, got ${JSON.stringify(text)}`);
    return value;
  };
  const number = (text: string): number | undefined =>
    /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  return {
    label,
    emotion,
    speaker: row.speaker ? `${corpus}-${row.speaker}` : undefined,
    sex: optional('sex', 'female or male', (text) => sexes[text]),
    age: optional('age', 'a number of years', number),
    sentence: row.sentence === '' ? undefined : row.sentence,
    intensity: optional('intensity', `one of ${intensities.join(', ')}`, (text) =>
      intensities.find((intensity) => intensity === text),
    ),
    take: optional('take', 'a number', number),
    ...(row.fold && { fold: row.fold }),
  };
}
