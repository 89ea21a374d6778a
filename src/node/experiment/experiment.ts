import { type Clip, type Emotion, InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { type Audit, type AuditOptions, auditSplit, classesOf, type NearDuplicate, type Split } from '../../core/dataset';
import { type EvaluationScores, type Predictions, scoreReport, underProtocol } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import { bestEpoch, type Engine, type EpochRecord } from '../../core/network';
import { type ExperimentResult, type FoldResult, inputWithoutRows, modelInput, protocolNote } from '../../core/prediction';
import { chooseCorpora, type Corpora, loadCorpora, makeSplits } from '../corpora';
import { loadEngine } from '../engine';
import { experimentFeatures, type ExtractProgress, nearDuplicatesOf } from '../extraction';
import { dataFingerprint, failedRunRecord, recordedScores, rowsOf, runRecordOf, type SplitRecord, writeRunRecord } from '../runs';
import { isBaseline } from './train-split';
import { type SplitCallbacks, type SplitPlace, type SplitsContext, type TrainedSplits, trainSplits } from './train-splits';

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

/** An experiment as it is before anything is trained. */
export interface PreparedExperiment extends SplitsContext {
  set: FeatureSet;
  classNames: Emotion[];
  splits: Split[];
  audits: Audit[];
  data: ExperimentResult['data'];
  /** when it was begun, of `performance.now()`, and how long the features took */
  begun: number;
  featureSeconds: number;
}

/** Loads what an experiment is about: engine, features, labels, and the splits, audited. */
export async function prepareExperiment(
  config: ExperimentConfig,
  options: Pick<ExperimentOptions, 'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'>,
): Promise<PreparedExperiment> {
  const { signal, onFeatures, onAudit } = options;
  // A model that cannot read its features is better refused before they are made.
  inputWithoutRows(config);
  const begun = performance.now();
  const corpora = chooseCorpora(options.corpora ?? (await loadCorpora()), config.corpora);
  const engine = options.engine ?? (await loadEngine());
  const set = options.set ?? (await experimentFeatures(corpora, config, { signal, onFeatures }));
  const nearDuplicates = await nearDuplicatesOf(set, corpora, { signal, onFeatures });
  const featureSeconds = (performance.now() - begun) / 1000;
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
    begun,
    featureSeconds,
  };
}

/** Index of each row's class; shape [rows]. */
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
 * The splits of an experiment that are to be trained, each audited. They have those versions in training that are learned from.
 *
 * @param nearDuplicates - recordings that are nearly the same, to be kept together; undefined: they were not looked for
 * @throws {@link InvalidArgumentError} if there is no split of the number that is asked for
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or a split leaks
 */
export function auditedSplits(
  set: FeatureSet,
  config: ExperimentConfig,
  nearDuplicates?: readonly NearDuplicate[],
): { splits: Split[]; audits: Audit[] } {
  const { protocol, folds, fold, seed, validationShare, normalisation, trainVersions } = config.dataset;
  const all = makeSplits(set, { protocol, folds, seed, validationShare, nearDuplicates });
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

/** The rows of some versions only. */
function rowsOfVersions(
  rows: Int32Array,
  { versions }: FeatureSet,
  names: readonly string[] | 'all',
): Int32Array {
  if (names === 'all') return rows;
  return rows.filter((row) => names.includes(versions[row % versions.length]));
}

/** As `fit` chooses the epoch: without validation rows by the loss of those that are trained on. */
function selectionOf(
  { model, training }: ExperimentConfig,
  { validation }: Split,
): AuditOptions['selection'] {
  if (isBaseline(model.kind)) return 'none';
  if (training.monitor === 'last') return 'last epoch';
  return validation.length > 0 ? 'validation' : 'training';
}

export interface RecordedOptions extends ExperimentOptions {
  /** folder of the run records; default `runs` */
  runs?: string;
}

/** An experiment that a record was kept of. */
export interface RecordedResult extends ExperimentResult {
  /** of the record */
  path: string;
  /** those in the record and what belongs to them; absent if no fold was finished */
  scores?: EvaluationScores;
}

/**
 * Runs an experiment and writes its run record, also if it fails or is interrupted in training. Nothing is recorded of an experiment
 * that was interrupted before.
 *
 * @returns its result, the record's path and its scores
 * @throws what the experiment throws; its record then says why
 */
export async function runRecorded(
  config: ExperimentConfig,
  { runs, ...options }: RecordedOptions = {},
): Promise<RecordedResult> {
  const started = new Date();
  const splits: SplitRecord[] = [];
  const keep = (history: readonly EpochRecord[], { number }: SplitPlace): void => {
    Object.assign(splits[number - 1], { history, bestEpoch: bestEpoch(history, config.training.monitor) });
  };
  const result = await runExperiment(config, {
    ...options,
    onSplit: (place, split) => {
      splits[place.number - 1] = {
        name: split.name,
        rows: rowsOf(split),
        outcome: 'failed', // until it ends otherwise
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
      await writeRunRecord(await failedRunRecord(config, error, splits, started), runs);
    }
    throw error;
  });
  const scores = recordedScores(result);
  const path = await writeRunRecord(await runRecordOf(result, started, scores), runs);
  return { ...result, path, ...(scores && { scores }) };
}
