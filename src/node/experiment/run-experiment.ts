import { type Clip, InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import type { Audit } from '../../core/dataset';
import { type Predictions, scoreReport, underProtocol } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import type { Engine } from '../../core/network';
import { type ExperimentResult, type FoldResult, protocolNote } from '../../core/prediction';
import type { Corpora } from '../corpora';
import type { ExtractProgress } from '../extraction';
import { type PreparedExperiment, prepareExperiment } from './prepare-experiment';
import { type SplitCallbacks, type TrainedSplits, trainSplits } from './train-splits';

export interface ExperimentOptions extends SplitCallbacks {
  /** default `loadCorpora()` */
  corpora?: Corpora;
  /** default the best there is */
  engine?: Engine;
  /** features that are there already, of the config's corpora and features; default they are made, or come from the store */
  set?: FeatureSet;
  /**
   * splits that are trained at once, at least 1, each in a process of its own with its share of the processors and a copy of the
   * rows; default 1: one after the other, in this process, as also a single split is, and `knn`, `svm` and `majority`. With as many
   * threads of TensorFlow the numbers are the same
   */
  workers?: number;
  /** ends training after the step at work, in every process: the splits that were finished are scored */
  signal?: AbortSignal;
  /**
   * folder of checkpoints, one a split; where one is of the same experiment, with as many threads, it is gone on from; they are
   * deleted when the whole experiment has finished; default none are kept
   */
  checkpoints?: string;
  onFeatures?: (progress: ExtractProgress) => void;
  /** of every split, before anything is trained */
  onAudit?: (audits: readonly Audit[]) => void;
}

/**
 * Runs an experiment from recordings to scores: features, splits by the protocol, and for each split a scaler, a model,
 * training, and its answers to the test rows.
 *
 * @throws {@link InvalidArgumentError} if the config does not fit the data, or `workers` is no positive integer
 * @throws WorkbenchError if the clips cannot be divided by the protocol, training comes apart, or a split's process dies
 */
export async function runExperiment(
  config: ExperimentConfig,
  options: ExperimentOptions = {},
): Promise<ExperimentResult> {
  const { workers = 1 } = options;
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  const prepared = await prepareExperiment(config, options);
  return resultOf(prepared, await trainSplits(prepared.splits, prepared, { ...options, workers }));
}

/** An experiment with what its splits' models said. */
export function resultOf(
  prepared: PreparedExperiment,
  { results, outcome, threads }: TrainedSplits,
): ExperimentResult {
  const { config, engine, set, classNames, splits, audits, data, begun, featureSeconds } = prepared;
  const folds = results.flatMap((result, i): FoldResult[] =>
    result ? [{ ...result, split: splits[i], audit: audits[i] }] : [],
  );
  const predictions = predictionsOf(prepared, folds, 'test');
  const sum = (key: 'training' | 'prediction'): number =>
    folds.reduce((total, { seconds }) => total + seconds[key], 0);
  return {
    config,
    engine: { ...engine, threads },
    set,
    classes: classNames,
    folds,
    predictions,
    validation: predictionsOf(prepared, folds, 'validation'),
    report: predictions && scoreReport(predictions),
    outcome,
    seconds: {
      features: featureSeconds,
      training: sum('training'),
      prediction: sum('prediction'),
      all: (performance.now() - begun) / 1000,
    },
    data,
  };
}

function predictionsOf(
  { config: { dataset }, set: { clips, versions }, classNames, labels }: PreparedExperiment,
  folds: readonly FoldResult[],
  part: 'test' | 'validation',
): Predictions | undefined {
  const rows = folds.flatMap(({ split }) => [...split[part]]);
  if (rows.length === 0) return undefined;
  const probabilities = new Float32Array(rows.length * classNames.length);
  let at = 0;
  for (const fold of folds) {
    probabilities.set(fold[part], at);
    at += fold[part].length;
  }
  return {
    ...underProtocol(dataset.protocol, protocolNote(dataset)),
    classes: classNames,
    clips: rows.map((row): Clip => clips[Math.floor(row / versions.length)]),
    actual: Int32Array.from(rows, (row) => labels[row]),
    probabilities,
    splitOf: Int32Array.from(folds.flatMap(({ split }, i) => Array<number>(split[part].length).fill(i))),
    splits: folds.map(({ split }) => split.name),
  };
}
