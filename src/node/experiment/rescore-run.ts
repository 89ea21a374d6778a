import { InvalidFileError, WorkbenchError } from '../../core/base';
import { experimentConfig, type TestVersions } from '../../core/config';
import { scalerOfRow } from '../../core/dataset';
import {
  type ExperimentResult,
  isEnsemble,
  predictHeldOut,
  scaledRows,
  type SplitResult,
  testedVersions,
} from '../../core/prediction';
import { paths } from '../files';
import { loadModel, modelOfRun } from '../models';
import { rowsOf, type SplitRecord, type StoredRun } from '../runs';
import { type PreparedExperiment, prepareExperiment } from './prepare-experiment';
import { type ExperimentOptions, resultOf } from './run-experiment';

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
