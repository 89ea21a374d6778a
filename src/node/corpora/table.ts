import type { DataFrame } from 'danfojs-node';
import Module from 'node:module';
import { type Clip, shownClasses, notStated } from '../../core/base';

export type { DataFrame };

type Danfo = typeof import('danfojs-node');
let danfo: Danfo | undefined;

/**
 * Loads danfojs with the first table, because it takes seconds. danfojs requires tfjs-node but uses only its tensor arithmetic,
 * so it gets TensorFlow.js without the native addon instead, and tables work on every engine.
 */
function loadDanfo(): Danfo {
  if (danfo) return danfo;
  const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...rest) =>
    resolve(request === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : request, ...rest);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy and synchronous
    danfo = require('danfojs-node') as Danfo;
    return danfo;
  } finally {
    loader._resolveFilename = resolve;
  }
}

const columns = [
  'corpus',
  'emotion',
  'label',
  'speaker',
  'sex',
  'age',
  'race',
  'ethnicity',
  'sentence',
  'intensity',
  'take',
  'fold',
  'sampleRate',
  'channels',
  'durationSec',
  'votedEmotion',
  'path',
  'sha256',
  'remark',
] as const;

/**
 * Converts clips to a danfojs DataFrame.
 *
 * @returns shape [clips, 19], with the fields of {@link Clip} as columns; `votedEmotion` is the emotion that most of CREMA-D's
 *   listeners chose, ties joined by `/`. Missing values are empty strings, or NaN in numeric columns.
 * @example
 * ```ts
 * clipTable(clips).groupby(['corpus']).col(['durationSec']).mean().print();
 * ```
 */
export function clipTable(clips: readonly Clip[]): DataFrame {
  const { DataFrame: Frame } = loadDanfo();
  const numeric = new Set<string>(['age', 'take', 'sampleRate', 'channels', 'durationSec']);
  const rows = clips.map((clip) => {
    const values: Record<string, unknown> = { ...clip, votedEmotion: clip.votes?.emotions.join('/') };
    return columns.map((column) => values[column] ?? (numeric.has(column) ? NaN : ''));
  });
  return new Frame(rows, { columns: [...columns] });
}

/**
 * Counts clips by group and emotion, with totals. Grouped by corpus, this is Table I of the paper.
 *
 * @param by - the grouping column
 * @returns shape [groups + 1, classes + 2]: the group, the classes (by default the seven emotions) and their sum; the last row is the
 *   total
 */
export function countTable(
  clips: readonly Clip[],
  by: 'corpus' | 'sex' | 'speaker' | 'intensity' = 'corpus',
): DataFrame {
  const { DataFrame: Frame } = loadDanfo();
  const classes = shownClasses(clips.map(({ emotion }) => emotion));
  const indexOf = new Map(classes.map((name, i) => [name, i]));
  const counts = new Map<string, number[]>();
  for (const clip of clips) {
    const group = clip[by] ?? notStated;
    const row = counts.get(group) ?? classes.map(() => 0);
    row[indexOf.get(clip.emotion)!]++;
    counts.set(group, row);
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const totals = classes.map((_, i) => sum([...counts.values()].map((row) => row[i])));
  const rows = [...counts, ['pooled', totals] as const].map(([group, row]) => [group, ...row, sum(row)]);
  return new Frame(rows, { columns: [by, ...classes, 'all'] });
}
