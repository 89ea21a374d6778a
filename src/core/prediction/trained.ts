import { type Emotion, formatCount, type LeftOut, WorkbenchError } from '../base';
import type { DatasetConfig, ExperimentConfig } from '../config';
import type { Audit, NearDuplicate, Split } from '../dataset';
import type { Predictions, ScoreReport } from '../evaluation';
import type { FeatureSet, RecordingProfile } from '../features';
import {
  baselineKinds,
  type Classifier,
  type Engine,
  type EpochRecord,
  type Network,
  predictRows,
  rowSizeOf,
  type TensorFlow,
  type TrainingData,
} from '../network';
import type { Normaliser } from './model-input';

/** A trained model: a network, or a classifier without one (KNN, SVM, majority). */
export type Trained = { network: Network } | { classifier: Classifier };

/** One split, trained and tested. */
export interface SplitResult {
  trained: Trained;
  normaliser: Normaliser;
  /** probabilities of the split's validation rows; shape [rows, classes] */
  validation: Float32Array;
  /** probabilities of the split's test rows; shape [rows, classes] */
  test: Float32Array;
  /** empty for a classifier, which is fitted in one step */
  history: EpochRecord[];
  bestEpoch: number;
  outcome: 'finished' | 'stopped early' | 'interrupted';
  /** epochs restored from a checkpoint */
  resumedFrom: number;
  seconds: { training: number; prediction: number };
}

/** The result of one split with the split itself and its leakage audit. */
export interface FoldResult extends SplitResult {
  split: Split;
  audit: Audit;
}

/** The result of an experiment. Every score in it carries its protocol. */
export interface ExperimentResult {
  config: ExperimentConfig;
  /** with the number of threads that each split was trained with */
  engine: Engine;
  set: FeatureSet;
  classes: Emotion[];
  /** finished splits, in order */
  folds: FoldResult[];
  /** nearly identical recordings, which the splits keep together; undefined if they were not searched for */
  nearDuplicates?: readonly NearDuplicate[];
  /** level, noise, bandwidth and duration of the recordings by SHA-256; files that cannot be read have none */
  profiles: ReadonlyMap<string, RecordingProfile>;
  /** test rows of all finished folds; absent if there are none */
  predictions?: Predictions;
  /** validation rows, for calibration; absent if there are none */
  validation?: Predictions;
  report?: ScoreReport;
  outcome: 'finished' | 'interrupted';
  /** `training` and `prediction` are sums over the splits, including those trained in parallel */
  seconds: { features: number; training: number; prediction: number; all: number };
  data: { source: string; clips: number; fingerprint: string };
  /** clips and files that were left out at loading, without features, or in no part of the splits */
  leftOut: LeftOut[];
  /** classes, speakers and corpora without clips; classes that are only trained on or only tested */
  warnings: string[];
}

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
  return trained.classifier.predict(await gatherInput(data, rows), { signal });
}

/** Maximum number of values that {@link gatherInput} copies: 4.3 GB. */
const maxValues = 2 ** 30;

/**
 * Copies rows into one array, shape [rows, …inputShape].
 *
 * @throws {@link WorkbenchError} if they are too many
 */
export async function gatherInput(
  data: Omit<TrainingData, 'labels'>,
  rows: Int32Array,
): Promise<Float32Array> {
  const rowSize = rowSizeOf(data);
  if (rows.length * rowSize > maxValues)
    throw new WorkbenchError(
      `${formatCount(rows.length)} rows of ${formatCount(rowSize)} values exceed the ${formatCount(maxValues)} values that ` +
        `${baselineKinds.join(', ')} can hold in memory; use a network, fewer clips, or dataset.trainVersions=original`,
    );
  const x = new Float32Array(rows.length * rowSize);
  await data.gather(rows, x);
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
