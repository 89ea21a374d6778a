import { type Clip, type Emotion, InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import {
  type Audit,
  type AuditOptions,
  auditSplit,
  classesOf,
  type DuplicateSearch,
  type Split,
} from '../../core/dataset';
import { type EvaluationScores, type Predictions, scoreReport, underProtocol } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import { bestEpoch, type Engine, type EpochRecord } from '../../core/network';
import {
  type ExperimentResult,
  type FoldResult,
  inputWithoutRows,
  modelInput,
  protocolNote,
} from '../../core/prediction';
import { chooseCorpora, type Corpora, loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures, type ExtractProgress, nearDuplicatesOf } from '../extraction';
import {
  dataFingerprint,
  createFailedRunRecord,
  recordedScores,
  splitSizes,
  createRunRecord,
  type SplitRecord,
  writeRunRecord,
} from '../runs';
import { isBaseline } from './train-split';
import {
  type SplitCallbacks,
  type SplitPosition,
  type SplitsContext,
  type TrainedSplits,
  trainSplits,
} from './train-splits';

/** Options of {@link runExperiment}. */
export interface ExperimentOptions extends SplitCallbacks {
  /** default `loadCorpora()` */
  corpora?: Corpora;
  /** default `loadEngine()` */
  engine?: Engine;
  /** features of the config's corpora; by default they are extracted or read from the store */
  set?: FeatureSet;
  /**
   * number of splits that are trained in parallel, at least 1; default 1. Each parallel split gets its own process, with a share of
   * the processors and a copy of the rows. A single split, `knn`, `svm` and `majority` always run in this process. Results are the
   * same for the same number of TensorFlow threads
   */
  workers?: number;
  /** stops training after the current step, in every process; the splits finished before are scored */
  signal?: AbortSignal;
  /**
   * folder of checkpoints, one per split. Training resumes from a checkpoint of the same experiment with the same number of threads.
   * Checkpoints are deleted after the whole experiment has finished; by default none are written
   */
  checkpoints?: string;
  onFeatures?: (progress: ExtractProgress) => void;
  /** called with the audits of all splits before training */
  onAudit?: (audits: readonly Audit[]) => void;
}

/**
 * Runs an experiment from recordings to scores: extracts features, splits the rows by the protocol, audits the splits for leakage, and
 * for each split fits a scaler, trains a model and predicts the validation and test rows.
 *
 * @throws {@link InvalidArgumentError} if the config does not match the data, or `workers` is not a positive integer
 * @throws WorkbenchError if the protocol cannot split the clips, a split leaks, training diverges, or a worker process dies
 * @example
 * ```ts
 * const { report } = await runExperiment(experimentConfig('quick'), { onEpoch: (record) => console.log(formatEpoch(record)) });
 * ```
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

/** An experiment before training. */
export interface PreparedExperiment extends SplitsContext {
  set: FeatureSet;
  classNames: Emotion[];
  splits: Split[];
  audits: Audit[];
  data: ExperimentResult['data'];
  /** start time, from `performance.now()` */
  startedMs: number;
  featureSeconds: number;
}

/** Loads engine and features, and makes labels and audited splits. */
export async function prepareExperiment(
  config: ExperimentConfig,
  options: Pick<ExperimentOptions, 'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'>,
): Promise<PreparedExperiment> {
  const { signal, onFeatures, onAudit } = options;
  // Rejects a model that cannot read the features before they are extracted.
  inputWithoutRows(config);
  const startedMs = performance.now();
  const corpora = chooseCorpora(options.corpora ?? (await loadCorpora()), config.corpora);
  const engine = options.engine ?? (await loadEngine());
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const nearDuplicates = await nearDuplicatesOf(set, corpora, { signal, onFeatures });
  const featureSeconds = (performance.now() - startedMs) / 1000;
  const classNames = classesOf(set.clips);
  const { splits, audits } = auditedSplits(set, config, nearDuplicates);
  onAudit?.(audits);
  const fingerprint = dataFingerprint(set.clips);
  return {
    config,
    engine,
    set,
    input: modelInput(set, config.model.kind),
    labels: labelsOf(set, classNames),
    classNames,
    classes: classNames.length,
    splits,
    audits,
    fingerprint,
    data: { source: corpora.source, clips: set.clips.length, fingerprint },
    startedMs,
    featureSeconds,
  };
}

/** Class index of each row; shape [rows]. */
function labelsOf(
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  classes: readonly Emotion[],
): Int32Array {
  const ofClip = clips.map(({ emotion }) => classes.indexOf(emotion));
  return Int32Array.from(
    { length: clips.length * versions.length },
    (_, row) => ofClip[Math.floor(row / versions.length)],
  );
}

/**
 * The splits that an experiment trains, and their audits. Training rows are limited to the versions in `dataset.trainVersions`.
 *
 * @param nearDuplicates - nearly identical recordings, which must stay on the same side of a split; undefined: not searched for
 * @throws {@link InvalidArgumentError} if `dataset.fold` is not the index of a split
 * @throws WorkbenchError if the protocol cannot split the clips, or a split leaks
 */
export function auditedSplits(
  set: FeatureSet,
  config: ExperimentConfig,
  nearDuplicates?: DuplicateSearch,
): { splits: Split[]; audits: Audit[] } {
  const { protocol, folds, fold, seed, validationShare, normalisation, trainVersions } = config.dataset;
  const all = makeSplits(set, {
    protocol,
    folds,
    seed,
    validationShare,
    nearDuplicates: nearDuplicates?.pairs,
  });
  if (fold !== 'all' && fold >= all.length) {
    const rule = `all, or an integer below the number of splits (${all.length})`;
    throw new InvalidArgumentError('dataset.fold', rule, fold);
  }
  const splits = (fold === 'all' ? all : [all[fold]]).map((split) => ({
    ...split,
    train: rowsOfVersions(split.train, set, trainVersions),
  }));
  const scaler = normalisation === 'speaker' ? ('per speaker' as const) : undefined;
  const audits = splits.map((split) =>
    auditSplit(set, split, { protocol, nearDuplicates, scaler, selection: selectionOf(config, split) }),
  );
  return { splits, audits };
}

function rowsOfVersions(
  rows: Int32Array,
  { versions }: FeatureSet,
  names: readonly string[] | 'all',
): Int32Array {
  if (names === 'all') return rows;
  return rows.filter((row) => names.includes(versions[row % versions.length]));
}

/** How `fit` selects the epoch: without validation rows by the training loss. */
function selectionOf(
  { model, training }: ExperimentConfig,
  { validation }: Split,
): AuditOptions['selection'] {
  if (isBaseline(model.kind)) return 'none';
  if (training.monitor === 'last') return 'last epoch';
  return validation.length > 0 ? 'validation' : 'training';
}

/** The result of a prepared experiment and its trained splits. */
export function resultOf(
  prepared: PreparedExperiment,
  { results, outcome, threads }: TrainedSplits,
): ExperimentResult {
  const { config, engine, set, classNames, splits, audits, data, startedMs, featureSeconds } = prepared;
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
      all: (performance.now() - startedMs) / 1000,
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

/** Options of {@link runRecorded}. */
export interface RecordedOptions extends ExperimentOptions {
  /** folder of the run records; default `runs` */
  runs?: string;
}

/** The result of an experiment with a run record. */
export interface RecordedResult extends ExperimentResult {
  /** path of the run record */
  path: string;
  /** the recorded scores with their details; absent if no fold was finished */
  scores?: EvaluationScores;
}

/**
 * Runs an experiment like {@link runExperiment} and writes its run record, also if training fails or is interrupted. An experiment that
 * is interrupted before training leaves no record.
 *
 * @throws the errors of the experiment; the run record then contains the reason
 */
export async function runRecorded(
  config: ExperimentConfig,
  { runs, ...options }: RecordedOptions = {},
): Promise<RecordedResult> {
  const started = new Date();
  const splits: SplitRecord[] = [];
  const keep = (history: readonly EpochRecord[], { number }: SplitPosition): void => {
    Object.assign(splits[number - 1], { history, bestEpoch: bestEpoch(history, config.training.monitor) });
  };
  const result = await runExperiment(config, {
    ...options,
    onSplit: (place, split) => {
      splits[place.number - 1] = {
        name: split.name,
        rows: splitSizes(split),
        outcome: 'failed', // until onSplitEnd
        history: [],
        bestEpoch: 0,
      };
      options.onSplit?.(place, split);
    },
    onResume: (history, place) => {
      keep(history, place);
      options.onResume?.(history, place);
    },
    onEpoch: (record, history, place) => {
      keep(history, place);
      options.onEpoch?.(record, history, place);
    },
    onSplitEnd: (outcome, place) => {
      splits[place.number - 1].outcome = outcome;
      options.onSplitEnd?.(outcome, place);
    },
  }).catch(async (error: unknown) => {
    if (!options.signal?.aborted) {
      await writeRunRecord(await createFailedRunRecord(config, error, splits, started), runs);
    }
    throw error;
  });
  const scores = recordedScores(result);
  const path = await writeRunRecord(await createRunRecord(result, started, scores), runs);
  return { ...result, path, ...(scores && { scores }) };
}
