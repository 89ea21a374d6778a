import { createHash } from 'node:crypto';
import { type Clip, type Emotion, type LeftOut, messageOf, shownClasses } from '../../core/base';
import { configHash, type ExperimentConfig, type ModelKind } from '../../core/config';
import type { Audit, NearDuplicate, Split } from '../../core/dataset';
import {
  type Calibration,
  type Caveats,
  caveatsOf,
  confusionMatrix,
  defaultSlices,
  type EvaluationScores,
  evaluationScores,
  metricOf,
  type PredictionRow,
  type Predictions,
  predictionTable,
  type ScoreReport,
  siblingShare,
  type Slices,
} from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import type { Engine, EpochRecord } from '../../core/network';
import type { ExperimentResult } from '../../core/prediction';
import { type Environment, environmentNow, redactPaths } from './environment';

/** Result of one split of a run. */
export interface SplitRecord {
  name: string;
  rows: { train: number; validation: number; test: number };
  outcome: 'finished' | 'stopped early' | 'interrupted' | 'failed';
  /** empty for a classifier, which is fitted in one step */
  history: readonly EpochRecord[];
  /** epoch of the tested weights; 0 if there was none */
  bestEpoch: number;
}

/** A member of an ensemble; its training has its own record. */
export interface MemberRecord {
  /** preset; the hash is that of its config with the `testVersions` of the ensemble */
  name: string;
  kind: ModelKind;
  seed: number;
  hash: string;
}

/** The record of a run, stored as one JSON file. Old records lack `leftOut` and `warnings` even if something was left out. */
export interface RunRecord extends Caveats {
  format: 1;
  /** start time, ISO 8601, UTC */
  started: string;
  status: 'finished' | 'interrupted' | 'failed';
  /** error message of a failed run */
  reason?: string;
  /** of the config */
  hash: string;
  config: ExperimentConfig;
  /** members of an ensemble, which averages their probabilities; `config` is that of the first; absent for a single model */
  members?: readonly MemberRecord[];
  /** absent, like `data`, if the run failed before it was known */
  engine?: Pick<Engine, 'name' | 'version' | 'threads'>;
  data?: ExperimentResult['data'];
  /** absent if the run failed, and in old records */
  folds?: FoldsRecord;
  /** empty for an ensemble: they are in the records of its members */
  splits: SplitRecord[];
  /** validation scores; the best epoch was chosen by them, on original versions, unless the config keeps the last epoch */
  validation?: { accuracy: number; uar: number };
  /** test scores with their protocol */
  report?: ScoreReport;
  /** calibration on test rows, before and after temperature scaling fitted on validation rows */
  calibration?: { before: Calibration; after: Calibration };
  /** test scores by group of speakers or clips; absent, like `calibration`, in old records */
  slices?: Slices[];
  /** other results that the paper reports */
  figures?: PaperFigures;
  seconds?: ExperimentResult['seconds'];
  environment: Environment;
  /** the stored predictions for its test rows; absent if no fold was finished, and in old records */
  predictions?: PredictionsRecord;
}

/** The file with the predictions of a run, next to its record. */
export interface PredictionsRecord {
  /** its name when the record was written */
  file: string;
  /** hex */
  sha256: string;
  rows: number;
}

/** The scores that a record keeps of an experiment; undefined if no fold was finished. */
export function recordedScores({
  predictions,
  validation,
  report,
}: ExperimentResult): EvaluationScores | undefined {
  return (
    predictions &&
    evaluationScores(predictions, validation, { slices: defaultSlices(predictions.clips), known: { report } })
  );
}

/** Creates the record of a finished or interrupted experiment. */
export async function createRunRecord(
  result: ExperimentResult,
  started: Date,
  scores = recordedScores(result),
): Promise<RunRecord> {
  const { config, folds, predictions, validation, outcome, seconds } = result;
  return {
    ...head(config, started, outcome),
    ...engineAndData(result),
    ...caveatsOf(result),
    ...foldsOf(result),
    splits: folds.map(({ split, outcome, history, bestEpoch }) => ({
      name: split.name,
      rows: splitSizes(split),
      outcome,
      history,
      bestEpoch,
    })),
    ...(validation && {
      validation: { accuracy: metricOf(validation, 'accuracy'), uar: metricOf(validation, 'uar') },
    }),
    ...(predictions && scores && testResults(result, predictions, scores)),
    seconds,
    environment: await environmentNow(),
  };
}

/**
 * Creates the record of an ensemble.
 *
 * @param first - the experiment of one member
 * @param predictions - mean over the members
 */
export async function createEnsembleRecord(
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
    ...engineAndData(first),
    ...caveatsOf(first),
    ...foldsOf(first),
    splits: [],
    ...testResults(first, predictions, scores),
    seconds: sumSeconds(members),
    environment: await environmentNow(),
  };
}

/** Creates the record of a failed experiment, with its splits up to the failure. */
export async function createFailedRunRecord(
  config: ExperimentConfig,
  error: unknown,
  splits: SplitRecord[],
  started: Date,
  leftOut: readonly LeftOut[] = [],
): Promise<RunRecord> {
  return {
    ...head(config, started, 'failed', redactPaths(messageOf(error))),
    ...caveatsOf({ leftOut }),
    splits,
    environment: await environmentNow(),
  };
}

/** Number of rows in each part of a split. */
export function splitSizes({ train, validation, test }: Split): SplitRecord['rows'] {
  return { train: train.length, validation: validation.length, test: test.length };
}

/** Sum of the seconds of several runs. */
export function sumSeconds(runs: readonly Pick<ExperimentResult, 'seconds'>[]): ExperimentResult['seconds'] {
  const sum = (key: keyof ExperimentResult['seconds']): number =>
    runs.reduce((total, { seconds }) => total + seconds[key], 0);
  return {
    features: sum('features'),
    training: sum('training'),
    prediction: sum('prediction'),
    all: sum('all'),
  };
}

const engineAndData = ({ engine: { name, version, threads }, data }: ExperimentResult) => ({
  engine: { name, version, threads },
  data,
});

const foldsOf = ({ set, folds, nearDuplicates }: ExperimentResult): Pick<RunRecord, 'folds'> =>
  folds.length === 0
    ? {}
    : {
        folds: foldsRecord(
          set,
          folds.map(({ split }) => split),
          nearDuplicates,
        ),
      };

/** The results on test rows. */
const testResults = (
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

/** The first fields of the file. */
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

/** Results besides scores that the paper reports, and the share of siblings, which it does not report; plain data. */
export interface PaperFigures {
  /** clips per emotion (Table I) */
  clips: Partial<Record<Emotion, number>>;
  classes: readonly Emotion[];
  /** confusion counts (Fig. 9; Table III follows from them); shape [actual, predicted] */
  confusion: number[];
  /** the first ten shuffled test rows (Table II) and the number of correct ones; old records lack `rows` */
  first: { right: number; of: number; rows?: PredictionRow[] };
  /** share of test rows with another version of the same recording in training or validation, 0 to 1 */
  siblingShare: number;
}

/**
 * Collects the results that the paper reports of its own run.
 *
 * @param clips - all clips of the experiment, each once
 * @param audits - of the tested splits
 */
export function paperFigures(
  predictions: Predictions,
  clips: readonly Pick<Clip, 'emotion'>[],
  audits: readonly Audit[],
): PaperFigures {
  const first = paperRows(predictions);
  const counts = shownClasses(clips.map(({ emotion }) => emotion)).map((emotion): [Emotion, number] => [
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

/** Ten shuffled test rows (Table II). */
export const paperRows = (predictions: Predictions): PredictionRow[] =>
  predictionTable(predictions, { count: 10, seed: 42 });

/** The folds of a run, to detect whether a later version of the code would split the clips differently. */
export interface FoldsRecord {
  /** SHA-256 of the rows in each part of each split */
  hash: string;
  /** names of the splits, in order */
  splits: string[];
  /** paths of near duplicates, which the splits keep together; absent if they were not searched for */
  nearDuplicates?: [string, string][];
}

/** Describes the folds of a run. */
export function foldsRecord(
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  splits: readonly Split[],
  nearDuplicates?: readonly Pick<NearDuplicate, 'paths'>[],
): FoldsRecord {
  return {
    hash: foldsHash(set, splits),
    splits: splits.map(({ name }) => name),
    ...(nearDuplicates && { nearDuplicates: nearDuplicates.map(({ paths }) => paths) }),
  };
}

/**
 * A hash of the path and version of each training, validation and test row. It depends neither on the order of the clips nor on
 * the order of the splits.
 */
export function foldsHash(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  splits: readonly Split[],
): string {
  const rowName = (row: number): string =>
    `${clips[Math.floor(row / versions.length)].path}\t${versions[row % versions.length]}`;
  const texts = splits.map(({ name, train, validation, test }) =>
    [`split ${name}`]
      .concat(
        Object.entries({ train, validation, test }).flatMap(([part, rows]) => [
          part,
          ...Array.from(rows, rowName).sort(),
        ]),
      )
      .join('\n'),
  );
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex');
}
