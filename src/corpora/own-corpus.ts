import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parse } from 'csv-parse/sync';
import { InvalidFileError, messageOf } from '../errors';
import { type ClipLabels, type Emotion, emotions, intensities, type Sex } from './clip';

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
  refused: { path: string; reason: string }[];
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
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(join(root, file)), {
      columns: true,
      skip_empty_lines: true,
      bom: true,
      trim: true,
    });
  } catch (error) {
    throw new InvalidFileError(file, `it is no CSV table: ${messageOf(error)}`);
  }
  const missing = ['path', 'emotion'].filter((column) => rows.length > 0 && !(column in rows[0]));
  if (missing.length > 0) {
    throw new InvalidFileError(
      file,
      `it must have the columns path and emotion; ${missing.join(' and ')} missing`,
    );
  }
  const folder = dirname(file);
  const name = folder === '.' ? 'own corpus' : posix.basename(folder);
  const corpus: OwnCorpus = { name, labels: new Map(), refused: [] };
  for (const [i, row] of rows.entries()) {
    const path = posix.join(folder, row.path.replaceAll('\\', '/'));
    try {
      corpus.labels.set(path, readRow(row, name));
    } catch (error) {
      corpus.refused.push({ path, reason: `${file}, line ${i + 2}: ${messageOf(error)}` });
    }
  }
  return corpus;
}

function readRow(row: Record<string, string | undefined>, corpus: string): ClipLabels {
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
    sentence: row.sentence ?? undefined,
    intensity: optional('intensity', intensities.join(', '), (text) =>
      intensities.find((intensity) => intensity === text),
    ),
    take: optional('take', 'a number', number),
    ...(row.fold && { fold: row.fold }),
  };
}
