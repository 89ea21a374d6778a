import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Clip, countOf, firstOf, formatCount, groupBy, InvalidFileError } from '../../core/base';
import {
  auditTraining,
  type TrainingData,
  type TrainingDataOptions,
  type TrainingOverlap,
} from '../../core/dataset';
import type { Predictions } from '../../core/evaluation';
import { type Corpora, decodeText, hashFile, readSmallFile, readTable } from '../corpora';
import { findNearDuplicates } from '../extraction';
import { fileErrorReason } from '../files';

/** Speaker, sentence and corpus of a row as its file names them; empty if it does not. */
export interface RowNames {
  speaker: string;
  sentence: string;
  corpus: string;
  /** the clip in the corpora, if it was found */
  found?: Clip;
}

/** Finds a clip in corpora by its path or SHA-256. */
export type FindClip = (path: string, sha256: string) => Clip | undefined;

/** The name of a speaker, unique across corpora: `1` of corpus A is not `1` of corpus B. */
export const speakerName = (speaker: string, corpus: string): string =>
  corpus === '' || speaker.startsWith(corpus) ? speaker : `${corpus}-${speaker}`;

interface TrainingItem extends Omit<RowNames, 'found'> {
  /** empty if only speakers are listed */
  path: string;
  sha256: string;
  fold: string;
}

/** A list of training clips or speakers. */
interface TrainingList {
  items: TrainingItem[];
  /** names of its columns */
  has: (column: keyof TrainingItem) => boolean;
}

const columns: Record<keyof TrainingItem, readonly string[]> = {
  path: ['path', 'file', 'filename', 'clip', 'id'],
  sha256: ['sha256'],
  speaker: ['speaker', 'speaker_id'],
  corpus: ['corpus', 'dataset'],
  sentence: ['sentence'],
  fold: ['fold'],
};

const normalPath = (text: string): string => text.replaceAll('\\', '/').replace(/^\.\//, '');

/** Reads a table with clips or speakers, or plain text with one path per line. */
function readTrainingList(file: string): TrainingList {
  const bytes = readBytes(file);
  const text = decodeText(bytes)?.text ?? '';
  const heading = text
    .replace(/^"?sep=.*\n/i, '')
    .split('\n', 1)[0]
    .split(/[,;\t|]/)
    .map((name) => name.replace(/["'\s]/g, '').toLowerCase());
  const keys = [...columns.path, ...columns.sha256, ...columns.speaker];
  if (!heading.some((name) => keys.includes(name))) {
    const paths = text.split('\n').flatMap((line) => line.trim() || []);
    const cells = paths.find((path) => /[,;\t]/.test(path));
    if (cells !== undefined)
      throw new InvalidFileError(
        file,
        `the first line must name the columns (path or speaker, and optionally fold, corpus, sentence, sha256), or each line must be one path, got ${JSON.stringify(cells.slice(0, 80))}`,
      );
    const items = paths.map((path) => ({ ...emptyItem, path: normalPath(path) }));
    return { items, has: (column) => column === 'path' };
  }
  const table = readTable(file, { required: [keys], optional: 'all' });
  const nameOf = (column: keyof TrainingItem) => columns[column].find((name) => table.columns.includes(name));
  const items = table.lines.map((line): TrainingItem => {
    if (line.problem !== undefined) throw new InvalidFileError(file, `line ${line.line}: ${line.problem}`);
    const cells = Object.keys(columns).map((column) => {
      const name = nameOf(column as keyof TrainingItem);
      return [column, name === undefined ? '' : line.cell(name)];
    });
    const item = { ...emptyItem, ...(Object.fromEntries(cells) as Partial<TrainingItem>) };
    if (item.path === '' && item.speaker === '' && item.sha256 === '')
      throw new InvalidFileError(file, `line ${line.line}: it names neither a clip nor a speaker`);
    return { ...item, path: normalPath(item.path), sha256: item.sha256.toLowerCase() };
  });
  return { items, has: (column) => nameOf(column) !== undefined };
}

const emptyItem: TrainingItem = { path: '', sha256: '', speaker: '', corpus: '', sentence: '', fold: '' };

function readBytes(file: string): Buffer {
  try {
    return readSmallFile(file, 2 ** 26);
  } catch (error) {
    throw new InvalidFileError(file, fileErrorReason(error));
  }
}

interface AuditListOptions {
  /** the predictions; paths may be relative to its folder */
  file: string;
  trainingList?: string;
  /** near duplicates are searched for among their clips */
  corpora?: Corpora;
  find?: FindClip;
  signal?: AbortSignal;
}

/**
 * Compares the rows of predictions with the training data of their model: a list of training clips, or, for several folds without a
 * list, the speakers of the other folds.
 *
 * @param names - of each clip, as its file names them
 * @returns undefined if nothing is known about the training data
 * @throws {@link InvalidFileError} if the list cannot be read or does not match the folds
 */
export async function auditList(
  predictions: Predictions,
  names: ReadonlyMap<Clip, RowNames>,
  options: AuditListOptions,
): Promise<TrainingOverlap | undefined> {
  const { clips, splits, splitOf } = predictions;
  const { trainingList: file } = options;
  if (file === undefined) return auditFolds(predictions);
  const list = readTrainingList(file);
  const rawOf = (clip: Clip): RowNames => names.get(clip)!;
  // Names are compared with their corpus if both files state it. A corpus that was found may have added a speaker.
  const withCorpus = list.has('corpus');
  const speakerOf = (clip: Clip): string | undefined =>
    withCorpus || rawOf(clip).speaker === '' ? clip.speaker : rawOf(clip).speaker;
  const sentenceKey = (sentence: string, corpus: string): string | undefined =>
    sentence === '' ? undefined : withCorpus ? `${corpus}: ${sentence}` : sentence;
  const sentenceOf = (clip: Clip): string | undefined => sentenceKey(clip.sentence ?? '', rawOf(clip).corpus);
  if (splits.length > 1 && !list.has('fold'))
    throw new InvalidFileError(
      file,
      `the predictions have ${splits.length} folds (${firstOf([...splits], 5)}), so each training clip needs the column fold: ` +
        'the fold whose model was trained on it (a clip has one line per fold)',
    );
  const byFold = groupBy(list.items, ({ fold }) => (splits.length > 1 ? fold : splits[0]));
  for (const split of splits)
    if (!byFold.has(split))
      throw new InvalidFileError(
        file,
        `it has no training clips of the fold ${split}; found: ${firstOf([...byFold.keys()], 10)}`,
      );
  const hashes = await hashesOf(clips, list.items, options);
  const dataOf = new Map(
    splits.map((split): [string, TrainingData] => {
      const items = byFold.get(split)!;
      const paths = items.flatMap(({ path }) => (path === '' ? [] : [path]));
      const byPath = samePath(paths);
      const trainedHashes = new Set(items.flatMap(({ sha256, path }) => sha256 || (hashes.get(path) ?? [])));
      const hasClips = paths.length > 0 || trainedHashes.size > 0;
      return [
        split,
        {
          source: `the list ${file}, ${countOf(list.items.length, 'line')}`,
          ...(hasClips && {
            count: Math.max(paths.length, trainedHashes.size),
            hasClip: (clip: Clip) =>
              byPath(clip.path) !== undefined ||
              trainedHashes.has(clip.sha256 || (hashes.get(clip.path) ?? ' ')),
          }),
          ...(list.has('speaker') && {
            speakers: new Set(
              items.flatMap(({ speaker, corpus }) =>
                speaker === '' ? [] : withCorpus ? speakerName(speaker, corpus) : speaker,
              ),
            ),
          }),
          ...(list.has('sentence') && {
            sentences: new Set(items.flatMap(({ sentence, corpus }) => sentenceKey(sentence, corpus) ?? [])),
          }),
        },
      ];
    }),
  );
  const testHashes = clips.filter(({ sha256, path }) => sha256 !== '' || hashes.has(path)).length;
  const overlap = auditTraining(clips, {
    protocol: 'external',
    training: (row) => dataOf.get(splits[splitOf[row]]),
    speakerOf,
    sentenceOf,
    ...(await nearDuplicatesOf(predictions, names, byFold, options)),
  });
  overlap.audit.notes.push(
    testHashes === 0
      ? 'clips are compared by path; with a column sha256, or if the files are found, copies under other names are found, too'
      : `clips are compared by path and SHA-256 (known of ${formatCount(testHashes)} of ${formatCount(clips.length)} rows)`,
  );
  return overlap;
}

/** Near duplicates of each row among the training clips of its fold, as far as the corpora contain both. */
async function nearDuplicatesOf(
  { clips, splits, splitOf }: Predictions,
  names: ReadonlyMap<Clip, RowNames>,
  byFold: ReadonlyMap<string, readonly TrainingItem[]>,
  { corpora, find, signal }: AuditListOptions,
): Promise<Pick<TrainingDataOptions, 'nearDuplicateOf'>> {
  if (!corpora || !find) return {};
  const trained = new Map(
    [...byFold].map(([fold, items]) => [
      fold,
      new Set(items.flatMap(({ path, sha256 }) => find(path, sha256)?.path ?? [])),
    ]),
  );
  const pathOf = (row: number): string | undefined => names.get(clips[row])?.found?.path;
  const wanted = new Set([...trained.values()].flatMap((paths) => [...paths]));
  if (wanted.size === 0) return {};
  for (const row of clips.keys()) wanted.add(pathOf(row) ?? '');
  const compared = corpora.clips.filter(({ path }) => wanted.has(path));
  const { pairs } = await findNearDuplicates({ clips: compared }, corpora, { signal });
  const partners = groupBy(
    pairs.flatMap(({ paths: [a, b] }) => [
      { own: a, other: b },
      { own: b, other: a },
    ]),
    ({ own }) => own,
  );
  return {
    nearDuplicateOf: (row) =>
      partners.get(pathOf(row) ?? '')?.find(({ other }) => trained.get(splits[splitOf[row]])?.has(other))
        ?.other,
  };
}

/** Speakers and sentences of each fold that are also in other folds of the same seed. */
function auditFolds({ clips, splits, splitOf, seedOf }: Predictions): TrainingOverlap | undefined {
  if (splits.length < 2) return undefined;
  const rows = [...clips.keys()];
  const groups = groupBy(rows, (row) => seedOf?.[row] ?? 0);
  const dataOf = new Map<string, TrainingData>();
  for (const [seed, own] of groups) {
    for (const split of new Set(own.map((row) => splitOf[row]))) {
      const others = own.filter((row) => splitOf[row] !== split).map((row) => clips[row]);
      dataOf.set(`${seed} ${split}`, {
        source: 'no list: it is assumed that each fold was trained on the clips of the other folds',
        speakers: new Set(others.flatMap(({ speaker }) => speaker ?? [])),
        sentences: new Set(
          others.flatMap(({ corpus, sentence }) => (sentence ? `${corpus}: ${sentence}` : [])),
        ),
      });
    }
  }
  return auditTraining(clips, {
    protocol: 'external',
    training: (row) => dataOf.get(`${seedOf?.[row] ?? 0} ${splitOf[row]}`),
    sentenceOf: ({ corpus, sentence }) => (sentence ? `${corpus}: ${sentence}` : undefined),
  });
}

/** SHA-256 by path of the files that are found: below the folder of a list, the working folder or the data folder. */
async function hashesOf(
  clips: readonly Clip[],
  items: readonly TrainingItem[],
  { file, trainingList, corpora, signal }: AuditListOptions,
): Promise<Map<string, string>> {
  const folders = [
    dirname(file),
    ...(trainingList === undefined ? [] : [dirname(trainingList)]),
    process.env.INIT_CWD ?? process.cwd(),
    ...(corpora ? [corpora.root] : process.env.SER_DATA ? [process.env.SER_DATA] : []),
  ];
  const wanted = new Set([
    ...clips.flatMap(({ path, sha256 }) => (sha256 === '' ? path : [])),
    ...items.flatMap(({ path, sha256 }) => (sha256 === '' && path !== '' ? path : [])),
  ]);
  const hashes = new Map<string, string>();
  for (const path of wanted) {
    const place = (isAbsolute(path) ? [path] : folders.map((folder) => join(folder, path))).find(existsSync);
    if (place === undefined) continue;
    try {
      hashes.set(path, await hashFile(place, { signal }));
    } catch {
      signal?.throwIfAborted(); // a folder, or a file that must not be read: compared by path
    }
  }
  return hashes;
}

/**
 * Finds a path among others, which may start at another folder: `data/anna/1.wav` and `anna/1.wav` are the same. A name without folder is
 * found if it is unique.
 *
 * @returns a function that returns the path in the list, or undefined
 */
export function samePath(list: readonly string[]): (path: string) => string | undefined {
  const exact = new Set(list);
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const byName = groupBy(exact, nameOf);
  return (path) => {
    if (exact.has(path)) return path;
    const similar = (byName.get(nameOf(path)) ?? []).filter(
      (other) => path.endsWith(`/${other}`) || other.endsWith(`/${path}`),
    );
    return similar.length === 1 ? similar[0] : undefined;
  };
}
