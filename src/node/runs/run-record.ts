import { type Clip, type Emotion, emotions, messageOf } from '../../core/base';
import { configHash, type ExperimentConfig, type ModelKind } from '../../core/config';
import type { Audit, Split } from '../../core/dataset';
import { type Calibration, confusionMatrix, type EvaluationScores, evaluationScores, metricOf, type PredictionRow, type Predictions, predictionTable, type ScoreReport, siblingShare, type Slices, usualSlices } from '../../core/evaluation';
import type { Engine, EpochRecord } from '../../core/network';
import type { ExperimentResult } from '../../core/prediction';
import { type Environment, environmentNow, withoutFolders } from './environment';

/** What became of one split of a run. */
export interface SplitRecord {
  name: string;
  rows: { train: number; validation: number; test: number };
  outcome: 'finished' | 'stopped early' | 'interrupted' | 'failed';
  /** empty for a classifier that is fitted in one go */
  history: readonly EpochRecord[];
  /** whose weights were tested; 0 if there was none */
  bestEpoch: number;
}

/** Which model an ensemble is of; its training has a record of its own. */
export interface MemberRecord {
  /** preset, kind of model, seed and hash of its config, with the `testVersions` of the ensemble */
  name: string;
  kind: ModelKind;
  seed: number;
  hash: string;
}

/** All that is kept of a run: one JSON file. */
export interface RunRecord {
  format: 1;
  /** start, ISO 8601, UTC */
  started: string;
  status: 'finished' | 'interrupted' | 'failed';
  /** why it failed */
  reason?: string;
  /** of the config */
  hash: string;
  config: ExperimentConfig;
  /** the models of an ensemble, whose probabilities were averaged; the config is that of the first; absent: one model */
  members?: readonly MemberRecord[];
  /** absent, as `data`, if it failed before it was known */
  engine?: Pick<Engine, 'name' | 'version' | 'threads'>;
  data?: ExperimentResult['data'];
  /** of an ensemble, none: they are in the records of its members */
  splits: SplitRecord[];
  /** scores of the validation rows; the best epoch was chosen by them, as originals, unless the config keeps the last */
  validation?: { accuracy: number; uar: number };
  /** scores of the test rows under their protocol */
  report?: ScoreReport;
  /** whether the test rows are right as often as the model says: as predicted, and after temperature scaling on validation rows */
  calibration?: { before: Calibration; after: Calibration };
  /** scores of the test rows by who speaks and how, as far as the clips say so; old records lack it, and the calibration */
  slices?: Slices[];
  /** what else the paper gives of its own run */
  figures?: PaperFigures;
  seconds?: ExperimentResult['seconds'];
  environment: Environment;
}

/** What is kept of an experiment's test rows; undefined if no fold was finished. */
export function recordedScores({
  predictions,
  validation,
  report,
}: ExperimentResult): EvaluationScores | undefined {
  return (
    predictions &&
    evaluationScores(predictions, validation, { slices: usualSlices(predictions.clips), known: { report } })
  );
}

/** The record of an experiment that was run. */
export async function runRecordOf(
  result: ExperimentResult,
  started: Date,
  scores = recordedScores(result),
): Promise<RunRecord> {
  const { config, folds, predictions, validation, outcome, seconds } = result;
  return {
    ...head(config, started, outcome),
    ...ranOn(result),
    splits: folds.map(({ split, outcome, history, bestEpoch }) => ({
      name: split.name,
      rows: rowsOf(split),
      outcome,
      history,
      bestEpoch,
    })),
    ...(validation && {
      validation: { accuracy: metricOf(validation, 'accuracy'), uar: metricOf(validation, 'uar') },
    }),
    ...(predictions && scores && testedAs(result, predictions, scores)),
    seconds,
    environment: await environmentNow(),
  };
}

/**
 * The record of several models as one.
 *
 * @param first - one of the results that the members are of
 * @param predictions - their mean
 */
export async function ensembleRecordOf(
  first: ExperimentResult,
  members: readonly Pick<ExperimentResult, 'config' | 'seconds'>[],
  predictions: Predictions,
  scores: EvaluationScores,
  started: Date,
): Promise<RunRecord> {
  return {
    ...head(first.config, started, 'finished'),
    members: members.map(({ config }) => {
      const { name, model, seed } = config;
      return { name, kind: model.kind, seed, hash: configHash(config) };
    }),
    ...ranOn(first),
    splits: [],
    ...testedAs(first, predictions, scores),
    seconds: secondsOf(members),
    environment: await environmentNow(),
  };
}

/** The record of an experiment that failed, with the splits as far as they came. */
export async function failedRunRecord(
  config: ExperimentConfig,
  error: unknown,
  splits: SplitRecord[],
  started: Date,
): Promise<RunRecord> {
  return {
    ...head(config, started, 'failed', withoutFolders(messageOf(error))),
    splits,
    environment: await environmentNow(),
  };
}

/** How many rows a split has in each part. */
export function rowsOf({ train, validation, test }: Split): SplitRecord['rows'] {
  return { train: train.length, validation: validation.length, test: test.length };
}

/** Of several runs, one after the other. */
export function secondsOf(runs: readonly Pick<ExperimentResult, 'seconds'>[]): ExperimentResult['seconds'] {
  const sum = (key: keyof ExperimentResult['seconds']): number =>
    runs.reduce((total, { seconds }) => total + seconds[key], 0);
  return {
    features: sum('features'),
    training: sum('training'),
    prediction: sum('prediction'),
    all: sum('all'),
  };
}

const ranOn = ({ engine: { name, version, threads }, data }: ExperimentResult) => ({
  engine: { name, version, threads },
  data,
});

/** What is kept of the test rows. */
const testedAs = (
  { set, folds }: ExperimentResult,
  predictions: Predictions,
  { report, calibration, slices }: EvaluationScores,
) => ({
  report,
  calibration: { before: calibration.before, after: calibration.after },
  slices,
  figures: paperFigures(
    predictions,
    set.clips,
    folds.map(({ audit }) => audit),
  ),
});

/** What stands first in the file. */
function head(config: ExperimentConfig, started: Date, status: RunRecord['status'], reason?: string) {
  return {
    format: 1 as const,
    started: started.toISOString(),
    status,
    ...(reason !== undefined && { reason }),
    hash: configHash(config),
    config,
  };
}

/** What the paper gives of its run besides scores, and what it does not say: plain data, kept with each run. */
export interface PaperFigures {
  /** Table I */
  clips: Partial<Record<Emotion, number>>;
  classes: readonly Emotion[];
  /** Fig. 9, which Table III follows from; shape [actual, predicted] */
  confusion: number[];
  /** Table II: how many of the first ten shuffled test rows are right, and the rows themselves, which old records lack */
  first: { right: number; of: number; rows?: PredictionRow[] };
  /** share of the test rows that have a sibling in training or validation, 0 to 1 */
  siblingShare: number;
}

/**
 * Takes from a run what the paper gives of its own.
 *
 * @param clips - all that were used, each once
 * @param audits - of the splits that were tested
 */
export function paperFigures(
  predictions: Predictions,
  clips: readonly Pick<Clip, 'emotion'>[],
  audits: readonly Audit[],
): PaperFigures {
  const first = predictionTable(predictions, { count: 10, seed: 42 });
  const counts = emotions.map((emotion): [Emotion, number] => [
    emotion,
    clips.filter((clip) => clip.emotion === emotion).length,
  ]);
  return {
    clips: Object.fromEntries(counts),
    classes: predictions.classes,
    confusion: [...confusionMatrix(predictions).counts],
    first: { right: first.filter(({ right }) => right).length, of: first.length, rows: first },
    siblingShare: siblingShare(audits),
  };
}
