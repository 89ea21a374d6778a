import type { DataFrame } from 'danfojs-node';
import Module from 'node:module';
import { type Clip, emotions, notStated } from '../../core/base';

export type { DataFrame };

type Danfo = typeof import('danfojs-node');
let danfo: Danfo | undefined;

/**
 * Loads danfojs, at the first table (it takes seconds). It asks for tfjs-node, of which it only needs the frames' maths,
 * so it is given TensorFlow.js without the native addon: tables work on every engine.
 */
function loadDanfo(): Danfo {
  if (danfo) return danfo;
  const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...rest) =>
    resolve(request === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : request, ...rest);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- late and synchronous, see above
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
 * The clips as a danfojs DataFrame, a row each.
 *
 * @returns a frame [clips, 19] with the columns of {@link Clip}; `votedEmotion` is what CREMA-D's listeners heard, joined
 *   by `/` when they tied. What is not known is an empty text, or NaN in a column of numbers.
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
 * Counts clips by one column and emotion, with totals: Table I of the paper when grouped by corpus.
 *
 * @param by - column of the rows
 * @returns a frame [groups + 1, 9]: the group, the seven emotions and their sum; the last row sums the groups
 */
export function countTable(
  clips: readonly Clip[],
  by: 'corpus' | 'sex' | 'speaker' | 'intensity' = 'corpus',
): DataFrame {
  const { DataFrame: Frame } = loadDanfo();
  const counts = new Map<string, number[]>();
  for (const clip of clips) {
    const group = clip[by] ?? notStated;
    const row = counts.get(group) ?? emotions.map(() => 0);
    row[emotions.indexOf(clip.emotion)]++;
    counts.set(group, row);
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const pooled = emotions.map((_, i) => sum([...counts.values()].map((row) => row[i])));
  const rows = [...counts, ['pooled', pooled] as const].map(([group, row]) => [group, ...row, sum(row)]);
  return new Frame(rows, { columns: [by, ...emotions, 'all'] });
}
