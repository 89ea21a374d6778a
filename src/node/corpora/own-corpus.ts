import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type ClipLabels,
  type Emotion,
  emotions,
  intensities,
  InvalidFileError,
  messageOf,
  type Sex,
} from '../../core/base';
import type { LeftOut } from './load-report';

/** A folder with this file in it is a corpus of the user's own. */
export const ownCorpusFile = 'clips.csv';

/** Words that people use for the seven emotions. Others are refused, never guessed. */
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

export interface OwnCorpus {
  /** the folder's name */
  name: string;
  /** labels by path below the data folder */
  labels: Map<string, ClipLabels>;
  /** lines that could not be used, with the reason */
  refused: LeftOut[];
}

/**
 * Reads a corpus of the user's own: a `clips.csv` with the columns `path` (below the CSV's folder) and `emotion`, and if
 * known `speaker`, `sex`, `age`, `sentence`, `intensity`, `take` and `fold`.
 *
 * @param root - the data folder
 * @param file - the CSV's path below it
 * @throws {@link InvalidFileError} if the file is no CSV or lacks one of the two columns
 */
export function readOwnCorpus(root: string, file: string): OwnCorpus {
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
  const corpus: OwnCorpus = { name, labels: new Map(), refused: [] };
  const lineOf = new Map<string, number>();
  for (const { row, line, fits } of lines) {
    const path = posix.join(folder, (row.path ?? '').replaceAll('\\', '/'));
    try {
      if (!fits) throw new Error(`it must have ${columns.length} cells, as the first line has`);
      const labels = readRow(row, name);
      const before = corpus.labels.get(path);
      if (before && !isDeepStrictEqual(before, labels)) {
        throw new Error(`line ${lineOf.get(path)} has the same path and other labels, and is kept`);
      }
      corpus.labels.set(path, labels);
      lineOf.set(path, line);
    } catch (error) {
      corpus.refused.push({ path, reason: `${file}, line ${line}: ${messageOf(error)}`, corpus: name });
    }
  }
  return corpus;
}

type Row = Partial<Record<string, string>>;

/** A table's lines below its first, each with its number in the file and whether it has as many cells as the first. */
function readLines(
  root: string,
  file: string,
): { columns: string[]; lines: { row: Row; line: number; fits: boolean }[] } {
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
    const lines = records.map(({ record, info }) => ({ row: record, line: info.lines, fits: !info.error }));
    return { columns, lines };
  } catch (error) {
    throw new InvalidFileError(file, `it is no CSV table: ${messageOf(error)}`);
  }
}

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
    intensity: optional('intensity', intensities.join(', '), (text) =>
      intensities.find((intensity) => intensity === text),
    ),
    take: optional('take', 'a number', number),
    ...(row.fold && { fold: row.fold }),
  };
}
