import type { DatasetConfig } from '../config';
import type { TensorFlow, TrainingData } from '../network';
import { askModel } from './ask-model';
import type { Trained } from '../../node/experiment';

/**
 * The versions that held-out recordings are heard in, of which the mean answers; undefined: their rows as they are.
 *
 * @param versions - names of those that there are
 */
export function heardVersions(
  { testVersions, trainVersions }: Pick<DatasetConfig, 'testVersions' | 'trainVersions'>,
  versions: readonly string[],
): string[] | undefined {
  if (testVersions === 'original') return undefined;
  return versions.filter((name) => trainVersions === 'all' || trainVersions.includes(name));
}

/**
 * What a trained model says of held-out rows: of each, or the mean over versions of its recording.
 *
 * @param rows - their indices, of a set with a row for each version of each recording
 * @param versions - names of the set's versions
 * @returns probabilities, shape [rows, classes]
 */
export async function askHeldOut(
  tf: TensorFlow,
  trained: Trained,
  data: Omit<TrainingData, 'labels'>,
  rows: Int32Array,
  {
    versions,
    heard,
    signal,
  }: { versions: readonly string[]; heard: readonly string[] | undefined; signal?: AbortSignal },
): Promise<Float32Array> {
  if (!heard) return askModel(tf, trained, data, rows, { signal });
  const answers: Float32Array[] = [];
  for (const name of heard) {
    const version = versions.indexOf(name);
    const same = rows.map((row) => row - (row % versions.length) + version);
    answers.push(await askModel(tf, trained, data, same, { signal }));
  }
  return meanOfAll(answers);
}

/** The mean of arrays of one length; of one alone, itself. */
export function meanOfAll(arrays: readonly Float32Array[]): Float32Array {
  const [first, ...others] = arrays;
  if (others.length === 0) return first;
  return first.map((_, i) => arrays.reduce((sum, values) => sum + values[i], 0) / arrays.length);
}
