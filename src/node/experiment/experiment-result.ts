import type { Clip, Emotion, LeftOut } from '../../core/base';
import type { Audit, NearDuplicate, Split } from '../../core/dataset';
import { caveatsOf, type Predictions, scoreReport, underProtocol } from '../../core/evaluation';
import type { FeatureSet, RecordingProfile } from '../../core/features';
import { type ExperimentResult, type FoldResult, protocolNote } from '../../core/prediction';
import type { SplitsContext, TrainedSplits } from './train-splits';

/** An experiment before training. */
export interface PreparedExperiment extends SplitsContext {
  set: FeatureSet;
  classNames: Emotion[];
  splits: Split[];
  audits: Audit[];
  /** undefined if they were not searched for */
  nearDuplicates?: readonly NearDuplicate[];
  /** level, noise, bandwidth and duration of the recordings by SHA-256 */
  profiles: ReadonlyMap<string, RecordingProfile>;
  data: ExperimentResult['data'];
  leftOut: LeftOut[];
  warnings: string[];
  /** start time, from `performance.now()` */
  startedMs: number;
  featureSeconds: number;
}

/** The result of a prepared experiment and its trained splits. */
export function resultOf(
  prepared: PreparedExperiment,
  { results, outcome, threads }: TrainedSplits,
): ExperimentResult {
  const { config, engine, set, classNames, splits, audits, data, startedMs, featureSeconds } = prepared;
  const { leftOut, warnings, nearDuplicates, profiles } = prepared;
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
    nearDuplicates,
    profiles,
    predictions,
    validation: predictionsOf(prepared, folds, 'validation'),
    report: predictions && scoreReport(predictions),
    outcome,
    seconds: {
      features: featureSeconds,
      training: sum('training'),
      prediction: sum('prediction'),
      all: (performance.now() - startedMs) / 1000,
    },
    data,
    leftOut,
    warnings,
  };
}

function predictionsOf(
  { config: { dataset }, set: { clips, versions }, classNames, labels, ...caveats }: PreparedExperiment,
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
    ...caveatsOf(caveats),
  };
}
