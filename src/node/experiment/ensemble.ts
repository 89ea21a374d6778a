import { InvalidArgumentError, InvalidFileError, WorkbenchError } from '../../core/base';
import { experimentConfig, type TestVersions } from '../../core/config';
import { scalerOfRow } from '../../core/dataset';
import { averagePredictions, calibrateBySplit, compareRuns, type EvaluationScores, evaluationScores, type Predictions, type RunComparison, type SliceName } from '../../core/evaluation';
import type { FeatureSet } from '../../core/features';
import { type EnsembleModel, type ExperimentResult, isEnsemble, predictHeldOut, scaledRows, type SingleModel, type SplitResult, testedVersions } from '../../core/prediction';
import { loadCorpora } from '../corpora';
import { paths } from '../files';
import { ensembleOf, loadModel, modelOf, modelOfRun, saveModels } from '../models';
import { ensembleRecordOf, rowsOf, secondsOf, type SplitRecord, type StoredRun, writeRunRecord } from '../runs';
import { type ExperimentOptions, type PreparedExperiment, prepareExperiment, resultOf } from './experiment';

/** One experiment of an ensemble, with what its models said by themselves. */
export type EnsembleMember = Pick<ExperimentResult, 'config' | 'seconds'> & {
  predictions: Predictions;
  validation?: Predictions;
  /** a model a fold */
  bundles: readonly SingleModel[];
};

/** Several trained models as one. */
export interface Ensemble {
  members: readonly EnsembleMember[];
  /** a model a fold */
  bundles: readonly EnsembleModel[];
  predictions: Predictions;
  scores: EvaluationScores;
  /** of its record, if it was kept, with its models beside it */
  path?: string;
  /** sums over the members */
  seconds: ExperimentResult['seconds'];
}

export interface EnsembleOptions {
  /** what the rows are divided by; default nothing */
  slices?: readonly SliceName[];
  /** folder in which a run record is written, with the models; default none is */
  records?: string;
  /** when it was begun; default now */
  started?: Date;
}

/**
 * Scores several models of the same splits as one, by the mean of what they say, each calibrated on its own validation rows:
 * as `createPredictor` answers.
 *
 * @param first - one of the results that the members are of: for splits and clips, which all have in common
 * @throws {@link InvalidArgumentError} if there is none, or they have not tested the same rows under the same protocol
 */
export async function scoreEnsemble(
  first: ExperimentResult,
  members: readonly EnsembleMember[],
  { slices, records, started = new Date() }: EnsembleOptions = {},
): Promise<Ensemble> {
  const calibrated = members.map(({ predictions, validation }) => ({
    test: calibrateBySplit(predictions, validation).predictions,
    validation: validation && calibrateBySplit(validation, validation).predictions,
  }));
  const predictions = averagePredictions(calibrated.map(({ test }) => test));
  const held = calibrated.flatMap(({ validation }) => validation ?? []);
  const validation = held.length === members.length ? averagePredictions(held) : undefined;
  const scores = evaluationScores(predictions, validation, { slices });
  const bundles = first.folds.map((_, fold) =>
    ensembleOf(
      first,
      fold,
      members.map((member) => member.bundles[fold]),
      { validation, report: scores.report },
    ),
  );
  const ensemble = { members, bundles, predictions, scores, seconds: secondsOf(members) };
  if (records === undefined) return ensemble;
  const record = await ensembleRecordOf(first, members, predictions, scores, started);
  const path = await writeRunRecord(record, records);
  await saveModels(first, path, bundles);
  return { ...ensemble, path };
}

/** An experiment's result as a member; undefined if no fold was finished. */
export function memberOf(result: ExperimentResult): EnsembleMember | undefined {
  const { config, seconds, predictions, validation } = result;
  if (!predictions) return undefined;
  const bundles = result.folds.map((_, fold) => modelOf(result, fold));
  return { config, seconds, predictions, ...(validation && { validation }), bundles };
}

/** What several runs are as one model, and what each is beside it. */
export interface RunsAsOne extends Ensemble {
  /** of each run: the ensemble less the run alone, on the same rows */
  gains: readonly RunComparison[];
  /** of the first */
  result: ExperimentResult;
}

export interface RunsAsOneOptions extends Omit<RecallOptions, 'set'>, Pick<EnsembleOptions, 'slices'> {
  /** whether a record of the ensemble is written to `records`; default false */
  isSaved?: boolean;
  /** before each run's models are asked */
  onRun?: (run: StoredRun) => void;
}

/**
 * Scores the models that several runs kept as one model, without training: seeds of one experiment, or different models and
 * features. Only what tested the same rows, fold by fold, can be an ensemble: then no model has learned from a row that another
 * is tested on.
 *
 * @throws {@link InvalidArgumentError} if there are fewer than two, one is there twice, or they have not tested the same rows under
 *   one protocol
 * @throws {@link WorkbenchError} if a run kept no models, or the recordings are no longer those that it was trained on
 */
export async function runsAsOne(
  runs: readonly StoredRun[],
  { slices, isSaved = false, onRun, onAudit, ...options }: RunsAsOneOptions = {},
): Promise<RunsAsOne> {
  const names = runs.map(({ file }) => file);
  if (runs.length < 2 || new Set(names).size < runs.length)
    throw new InvalidArgumentError('runs', 'at least two, each once', names);
  const started = new Date();
  const corpora = options.corpora ?? (await loadCorpora());
  const members: EnsembleMember[] = [];
  let first: ExperimentResult | undefined;
  let last: { features: string; set: FeatureSet } | undefined;
  for (const [i, run] of runs.entries()) {
    onRun?.(run);
    const { corpora: used, features: made } = run.config;
    const features = JSON.stringify([used, made]);
    const result = await recallRun(run, {
      ...options,
      corpora,
      ...(last?.features === features && { set: last.set }),
      ...(i === 0 && { onAudit }),
    });
    last = { features, set: result.set };
    first ??= result;
    const member = memberOf(result);
    if (!member) throw new WorkbenchError(`${run.file} has no test rows`);
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

/** What is the same as when the run was trained, or can be loaded from the start. */
export interface RecallOptions extends Pick<
  ExperimentOptions,
  'corpora' | 'engine' | 'set' | 'signal' | 'onFeatures' | 'onAudit'
> {
  /** folder of the run records; default `runs` */
  records?: string;
  /** how held-out recordings are heard; default as the run's config says */
  testVersions?: TestVersions;
}

/**
 * A run's result once more, from the models that it kept: they are asked about their validation and test rows again, and nothing
 * is trained. Its seconds of training are those of the record.
 *
 * @throws {@link WorkbenchError} if the run did not finish or kept no models, or if the recordings or their splits are no longer
 *   those that it was trained on
 * @throws {@link InvalidFileError} if a model is damaged, or of another split
 */
export async function recallRun(
  run: StoredRun,
  { records = paths.runs, testVersions, ...options }: RecallOptions = {},
): Promise<ExperimentResult> {
  if (run.status !== 'finished' || run.splits.length === 0)
    throw new WorkbenchError(`${run.file} has no models of its own: it is an ensemble, or did not finish`);
  const folders = run.splits.map(({ name }) => modelOfRun(run, records, name));
  const config = experimentConfig(run.config, { dataset: { testVersions } });
  const prepared = await prepareExperiment(config, options);
  requireSameData(run, prepared);
  const results: SplitResult[] = [];
  for (const [i, folder] of folders.entries()) {
    options.signal?.throwIfAborted();
    results.push(await recallSplit(prepared, i, folder, run.splits[i], options.signal));
  }
  const result = resultOf(prepared, { results, outcome: 'finished', threads: prepared.engine.threads });
  const training = run.seconds?.training ?? 0;
  return { ...result, seconds: { ...result.seconds, training, all: result.seconds.all + training } };
}

async function recallSplit(
  { config, engine, set, input, classes, splits }: PreparedExperiment,
  index: number,
  folder: string,
  { history, bestEpoch, outcome }: SplitRecord,
  signal: AbortSignal | undefined,
): Promise<SplitResult> {
  const model = await loadModel(engine, folder);
  if (isEnsemble(model))
    throw new InvalidFileError(folder, 'it is an ensemble; name the runs of its members');
  const { trained, normaliser, card } = model;
  const { name: trainedOn } = (card.split ?? {}) as { name?: unknown };
  if (trainedOn !== splits[index].name) {
    const was = `is of the split ${JSON.stringify(trainedOn)}, not of ${JSON.stringify(splits[index].name)}`;
    throw new InvalidFileError(folder, `its model ${was}, and may have learned from what this one tests`);
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
      `${run.file} was trained on other recordings (${run.data?.source}, ${run.data?.clips} clips) than those that are there (${data.source}, ${data.clips} clips)`,
    );
  }
  const text = (of: readonly Pick<SplitRecord, 'name' | 'rows'>[]): string =>
    of.map(({ name, rows }) => `${name}: ${rows.validation} and ${rows.test} rows held out`).join(', ');
  const now = text(splits.map((split) => ({ name: split.name, rows: rowsOf(split) })));
  if (text(run.splits) !== now)
    throw new WorkbenchError(
      `${run.file} was trained on other splits (${text(run.splits)}) than today's (${now})`,
    );
}
