import type { DatasetConfig } from '../config';
import { predictRows, rowSizeOf, type TensorFlow, type TrainingData } from '../network';
import type { Trained } from './trained';

/**
 * Class probabilities of rows by a network or a classifier.
 *
 * @param rows - row indices
 * @returns shape [rows, classes]
 */
export async function predictTrained(
  tf: TensorFlow,
  trained: Trained,
  data: Omit<TrainingData, 'labels'>,
  rows: Int32Array,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Float32Array> {
  if ('network' in trained) return predictRows(tf, trained.network, data, rows);
  return trained.classifier.predict(gathered(data, rows), { signal });
}

/** Copies rows into one array, shape [rows, …inputShape]. */
export function gathered(data: Omit<TrainingData, 'labels'>, rows: Int32Array): Float32Array {
  const x = new Float32Array(rows.length * rowSizeOf(data));
  data.gather(rows, x);
  return x;
}

/**
 * The versions of each held-out recording that are averaged in prediction.
 *
 * @param versions - all versions of the feature set, by name
 * @returns undefined: each row is predicted as it is
 */
export function testedVersions(
  { testVersions, trainVersions }: Pick<DatasetConfig, 'testVersions' | 'trainVersions'>,
  versions: readonly string[],
): string[] | undefined {
  if (testVersions === 'original') return undefined;
  return versions.filter((name) => trainVersions === 'all' || trainVersions.includes(name));
}

/**
 * Class probabilities of held-out rows: of each row, or averaged over versions of its recording (test-time augmentation).
 *
 * @param rows - row indices in a set with one row per version of each recording
 * @param options.versions - versions of the set, by name
 * @param options.tested - versions to average, from {@link testedVersions}
 * @returns shape [rows, classes]
 */
export async function predictHeldOut(
  tf: TensorFlow,
  trained: Trained,
  data: Omit<TrainingData, 'labels'>,
  rows: Int32Array,
  {
    versions,
    tested,
    signal,
  }: { versions: readonly string[]; tested: readonly string[] | undefined; signal?: AbortSignal },
): Promise<Float32Array> {
  if (!tested) return predictTrained(tf, trained, data, rows, { signal });
  const probabilities: Float32Array[] = [];
  for (const name of tested) {
    const version = versions.indexOf(name);
    const sameClips = rows.map((row) => row - (row % versions.length) + version);
    probabilities.push(await predictTrained(tf, trained, data, sameClips, { signal }));
  }
  return elementwiseMean(probabilities);
}

/** Mean of arrays of equal length, element by element; a single array is returned as it is. */
export function elementwiseMean(arrays: readonly Float32Array[]): Float32Array {
  const [first, ...others] = arrays;
  if (others.length === 0) return first;
  return first.map((_, i) => arrays.reduce((sum, values) => sum + values[i], 0) / arrays.length);
}
