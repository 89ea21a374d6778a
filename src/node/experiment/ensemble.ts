import { InvalidArgumentError, InvalidFileError, WorkbenchError } from '../../core/base';
import { experimentConfig, type TestVersions } from '../../core/config';
import { scalerOfRow } from '../../core/dataset';
import {
  averagePredictions,
  calibrateBySplit,
  compareRuns,
  type EvaluationScores,
  evaluationScores,
  type Predictions,
  type RunComparison,
  type SliceName,
} from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import {
  type EnsembleModel,
  type ExperimentResult,
  isEnsemble,
  predictHeldOut,
  scaledRows,
  type SingleModel,
  type SplitResult,
  testedVersions,
} from '../../core/prediction';
import { loadCorpora } from '../corpora';
import { paths } from '../files';
import { ensembleOf, loadModel, modelOf, modelOfRun, saveModels } from '../models';
import {
  createEnsembleRecord,
  runFileName,
  runPredictions,
  splitSizes,
  sumSeconds,
  type SplitRecord,
  type StoredRun,
  writeRunRecord,
} from '../runs';
import { type ExperimentOptions, prepareExperiment } from './experiment';
import { type PreparedExperiment, resultOf } from './train-splits';

/** One experiment of an ensemble, with the predictions of its own models. */
export type EnsembleMember = Pick<ExperimentResult, 'config' | 'seconds'> & {
  predictions: Predictions;
  validation?: Predictions;
  /** one model per fold */
  models: readonly SingleModel[];
};

/** Several experiments scored as one model. */
export interface Ensemble {
  members: readonly EnsembleMember[];
  /** one model per fold */
  models: readonly EnsembleModel[];
  predictions: Predictions;
  scores: EvaluationScores;
  /** path of its run record, if one was written; its models are next to it */
  path?: string;
  /** sums over the members */
  seconds: ExperimentResult['seconds'];
}

/** Options of {@link scoreEnsemble}. */
export interface EnsembleOptions {
  /** groups of rows that are scored separately; default none */
  slices?: readonly SliceName[];
  /** folder for the run record, the predictions and the models; by default nothing is written */
  records?: string;
  /** with `records`: also save the models; default true */
  savesModels?: boolean;
  /** start time for the run record; default now */
  started?: Date;
  /** an earlier process with the same start time may have written the record already; default false */
  isResumed?: boolean;
}

/**
 * Scores several experiments with the same splits as one model: the mean of their probabilities, each calibrated on its own validation
 * rows. `createPredictor` combines several models in the same way.
 *
 * @param first - the result of one of the members, for splits and clips, which all members share
 * @throws {@link InvalidArgumentError} if there are no members, or they were not tested on the same rows under the same protocol
 */
export async function scoreEnsemble(
  first: ExperimentResult,
  members: readonly EnsembleMember[],
  { slices, records, savesModels = true, started = new Date(), isResumed = false }: EnsembleOptions = {},
): Promise<Ensemble> {
  const calibrated = members.map(({ predictions, validation }) => ({
    test: calibrateBySplit(predictions, validation).predictions,
    validation: validation && calibrateBySplit(validation, validation).predictions,
  }));
  const predictions = averagePredictions(calibrated.map(({ test }) => test));
  const validations = calibrated.flatMap(({ validation }) => validation ?? []);
  const validation = validations.length === members.length ? averagePredictions(validations) : undefined;
  const scores = evaluationScores(predictions, validation, { slices });
  const models = first.folds.map((_, fold) =>
    ensembleOf(
      first,
      fold,
      members.map((member) => member.models[fold]),
      { validation, report: scores.report },
    ),
  );
  const ensemble = { members, models, predictions, scores, seconds: sumSeconds(members) };
  if (records === undefined) return ensemble;
  const record = await createEnsembleRecord(first, members, predictions, scores, started);
  const path = await writeRunRecord(record, records, {
    ...(isResumed && { file: runFileName(record) }),
    predictions: runPredictions(first, predictions, validation),
    saveFirst: async (place) => {
      if (savesModels) await saveModels(first, place, models);
    },
  });
  return { ...ensemble, path };
}

/** The result of an experiment as a member of an ensemble; undefined if no fold was finished. */
export function memberOf(result: ExperimentResult): EnsembleMember | undefined {
  const { config, seconds, predictions, validation } = result;
  if (!predictions) return undefined;
  const models = result.folds.map(({ split }) => modelOf(result, split.name));
  return { config, seconds, predictions, ...(validation && { validation }), models };
}

/** Several recorded runs as an ensemble, compared with each run. */
export interface EnsembleEvaluation extends Ensemble {
  /** for each run: score of the ensemble minus score of the run, on the same rows */
  gains: readonly RunComparison[];
  /** of the first run */
  result: ExperimentResult;
}

/** Options of {@link evaluateEnsemble}. */
export interface EvaluateEnsembleOptions
  extends Omit<RescoreOptions, 'set'>, Pick<EnsembleOptions, 'slices'> {
  /** whether to write a run record of the ensemble to `records`; default false */
  isSaved?: boolean;
  /** before the prediction with each run's models */
  onRun?: (run: StoredRun) => void;
}

/**
 * Scores the saved models of several runs as an ensemble, without training. The runs may differ in seed, model and features, but must
 * have the same test rows in each fold. Otherwise the ensemble would be tested on training rows of some of its models.
 *
 * @throws {@link InvalidArgumentError} if there are fewer than two runs, a run is repeated, or they were not tested on the same rows
 *   under the same protocol
 * @throws {@link WorkbenchError} if a run saved no models, or the recordings differ from those that it was trained on
 * @example
 * ```ts
 * const { records } = await readRunRecords();
 * const { scores, gains } = await evaluateEnsemble(records.slice(0, 2));
 * ```
 */
export async function evaluateEnsemble(
  runs: readonly StoredRun[],
  { slices, isSaved = false, onRun, onAudit, ...options }: EvaluateEnsembleOptions = {},
): Promise<EnsembleEvaluation> {
  const names = runs.map(({ file }) => file);
  if (runs.length < 2 || new Set(names).size < runs.length)
    throw new InvalidArgumentError('runs', 'a list of at least two different runs', names);
  const started = new Date();
  const corpora = options.corpora ?? (await loadCorpora({ labels: runs[0].config.labels }));
  const members: EnsembleMember[] = [];
  let first: ExperimentResult | undefined;
  let previous: { features: string; set: FeatureSet } | undefined;
  for (const [i, run] of runs.entries()) {
    onRun?.(run);
    const features = JSON.stringify([run.config.corpora, run.config.labels, run.config.features]);
    const result = await rescoreRun(run, {
      ...options,
      corpora,
      ...(previous?.features === features && { set: previous.set }),
      ...(i === 0 && { onAudit }),
    });
    previous = { features, set: result.set };
    first ??= result;
    const member = memberOf(result);
    if (!member) throw new WorkbenchError(`${run.file}: the run has no test rows`);
    members.push(member);
  }
  const ensemble = await scoreEnsemble(first!, members, {
    slices,
    started,
    ...(isSaved && { records: options.records ?? paths.runs }),
  });
  const gains = members.map(({ predictions }) => compareRuns(predictions, ensemble.predictions));
  return { ...ensemble, gains, result: first! };
}

/** Options of {@link rescoreRun}; corpora, engine and features are loaded if not given. */
export interface RescoreOptions extends Pick<
  ExperimentOptions,
  'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'
> {
  /** folder of the run records; default `runs` */
  records?: string;
  /** versions of the held-out recordings to predict; default as in the run's config */
  testVersions?: TestVersions;
}

/**
 * Recomputes the result of a run from its saved models: predicts its validation and test rows again, without training. The training
 * time is that of the run record.
 *
 * @throws {@link WorkbenchError} if the run did not finish or saved no models, or the recordings or splits have changed since
 * @throws {@link InvalidFileError} if a model is damaged or belongs to another split
 */
export async function rescoreRun(
  run: StoredRun,
  { records = paths.runs, testVersions, ...options }: RescoreOptions = {},
): Promise<ExperimentResult> {
  if (run.status !== 'finished' || run.splits.length === 0)
    throw new WorkbenchError(
      `${run.file}: it has no saved models, because it is an ensemble or did not finish`,
    );
  const folders = run.splits.map(({ name }) => modelOfRun(run, records, name));
  const config = experimentConfig(run.config, { dataset: { testVersions } });
  const prepared = await prepareExperiment(config, options);
  requireSameData(run, prepared);
  const results: SplitResult[] = [];
  for (const [i, folder] of folders.entries()) {
    options.signal?.throwIfAborted();
    results.push(await predictSplit(prepared, i, folder, run.splits[i], options.signal));
  }
  const result = resultOf(prepared, { results, outcome: 'finished', threads: prepared.engine.threads });
  const training = run.seconds?.training ?? 0;
  return { ...result, seconds: { ...result.seconds, training, all: result.seconds.all + training } };
}

/** Predicts the held-out rows of a split with its saved model. */
async function predictSplit(
  { config, engine, set, input, classes, splits }: PreparedExperiment,
  index: number,
  folder: string,
  { history, bestEpoch, outcome }: SplitRecord,
  signal: AbortSignal | undefined,
): Promise<SplitResult> {
  const model = await loadModel(engine, folder);
  if (isEnsemble(model))
    throw new InvalidFileError(folder, 'the model is an ensemble; use the runs of its members');
  const { trained, normaliser, card } = model;
  const { name: trainedOn } = (card.split ?? {}) as { name?: unknown };
  if (trainedOn !== splits[index].name) {
    const [was, wanted] = [trainedOn, splits[index].name].map((name) => JSON.stringify(name));
    throw new InvalidFileError(
      folder,
      `the model belongs to the split ${was}, not to ${wanted}, so it may have been trained on rows that are tested here`,
    );
  }
  const data = { ...scaledRows(input, scalerOfRow(normaliser, set)), classes };
  const started = performance.now();
  const { validation, test } = splits[index];
  const { versions } = set;
  const options = { versions, tested: testedVersions(config.dataset, versions), signal };
  return {
    trained,
    normaliser,
    validation: await predictHeldOut(engine.tf, trained, data, validation, options),
    test: await predictHeldOut(engine.tf, trained, data, test, options),
    history: [...history],
    bestEpoch,
    outcome: outcome === 'stopped early' ? outcome : 'finished',
    resumedFrom: 0,
    seconds: { training: 0, prediction: (performance.now() - started) / 1000 },
  };
}

function requireSameData(run: StoredRun, { data, splits }: PreparedExperiment): void {
  if (run.data?.fingerprint !== data.fingerprint) {
    throw new WorkbenchError(
      `${run.file}: the run was trained on other recordings (${run.data?.source}, fingerprint ${run.data?.fingerprint}) than those loaded now ` +
        `(${data.source}, fingerprint ${data.fingerprint}): set SER_DATA to the folder of the recordings of its experiment`,
    );
  }
  const text = (of: readonly Pick<SplitRecord, 'name' | 'rows'>[]): string =>
    of.map(({ name, rows }) => `${name}: ${rows.validation} and ${rows.test} rows held out`).join(', ');
  const now = text(splits.map((split) => ({ name: split.name, rows: splitSizes(split) })));
  if (text(run.splits) !== now)
    throw new WorkbenchError(
      `${run.file}: the run was trained on other splits (${text(run.splits)}) than the protocol creates now (${now})`,
    );
}
