import { countOf, formatCount, InvalidArgumentError } from '../../core/base';
import { configHash, experimentConfig, optionsOf, valueText } from '../../core/config';
import {
  calibration,
  type Caveats,
  caveatsOf,
  confusionMatrix,
  defaultSlices,
  type EvaluationScores,
  evaluationScores,
  type SliceName,
} from '../../core/evaluation';
import { paths } from '../files';
import { environmentNow } from './environment';
import { differingOptions, type StoredRun } from './run-files';
import { readRunPredictions, type RunPredictions } from './run-predictions';
import { paperRows, type RunRecord, sumSeconds } from './run-record';

/** Options of {@link joinRuns}. */
export interface JoinRunsOptions {
  /** folder of the run records and their predictions; default `runs` */
  records?: string;
  /** properties to group rows by; default sex, age, race, intensity and duration, if the clips state them */
  slices?: readonly SliceName[];
}

/** Runs of different folds as one run. */
export interface JoinedRuns {
  predictions: RunPredictions;
  scores: EvaluationScores;
  /** number of clips that were tested */
  tested: number;
  /** all clips of the experiment were tested */
  isComplete: boolean;
  /** without scores of validation rows; to be written with `predictions` */
  record: RunRecord;
}

/**
 * Joins runs that trained different folds of the same experiment, perhaps on several machines, into one score.
 *
 * @param runs - at least two records from `readRunRecords`, with stored predictions
 * @throws {@link InvalidArgumentError} if they differ in an option other than `dataset.fold`, or in their data, or share a fold
 * @throws the errors of {@link readRunPredictions}
 * @example
 * ```ts
 * const { records } = await readRunRecords();
 * const { scores } = await joinRuns(records.slice(-5));
 * console.log(ser.evaluation.formatScoreReport(scores.report));
 * ```
 */
export async function joinRuns(
  runs: readonly StoredRun[],
  { records = paths.runs, slices }: JoinRunsOptions = {},
): Promise<JoinedRuns> {
  requireSameExperiment(runs);
  const all = await Promise.all(runs.map((run) => readRunPredictions(run, { records })));
  requireDistinctFolds(runs, all);
  const predictions = { ...concatenated(all), ...mergedCaveats(runs, all) };
  const { calibrated, temperatures } = predictions;
  const scores = evaluationScores(predictions, undefined, {
    slices: slices ?? defaultSlices(predictions.clips),
    known: {
      calibration: {
        before: calibration(predictions),
        after: calibration({ ...predictions, probabilities: calibrated }),
        temperatures: [...temperatures],
      },
    },
  });
  const tested = new Set(predictions.clips.map(({ path }) => path)).size;
  const isComplete = tested === runs[0].data!.clips;
  return { predictions, scores, tested, isComplete, record: await recordOf(runs, predictions, scores) };
}

function requireSameExperiment(runs: readonly StoredRun[]): void {
  if (runs.length < 2) throw new InvalidArgumentError('runs', 'a list with at least two runs', runs.length);
  const ensemble = runs.find(({ members }) => members);
  if (ensemble) throw new InvalidArgumentError('runs', 'runs of single models, not ensembles', ensemble.file);
  const option = differingOptions(runs).find((path) => path !== 'dataset.fold');
  if (option !== undefined) {
    const values = runs.map(({ config }) => valueText(optionsOf(config).get(option)));
    throw new InvalidArgumentError(
      'runs',
      `runs with the same ${option}`,
      [...new Set(values)].join(' and '),
    );
  }
  const [first] = runs;
  const other = runs.find(({ data }) => data?.fingerprint !== first.data?.fingerprint);
  if (other)
    throw new InvalidArgumentError(
      'runs',
      'runs on the same clips',
      [first, other]
        .map(
          ({ file, data }) =>
            `${file} (${formatCount(data?.clips ?? 0)} clips, ${data?.fingerprint ?? 'unknown'})`,
        )
        .join(' and '),
    );
}

function requireDistinctFolds(runs: readonly StoredRun[], all: readonly RunPredictions[]): void {
  const runOf = new Map<string, string>();
  for (const [i, { splits }] of all.entries()) {
    for (const fold of splits) {
      const earlier = runOf.get(fold);
      if (earlier !== undefined)
        throw new InvalidArgumentError(
          'runs',
          'runs of different folds',
          `${fold} in ${earlier} and ${runs[i].file}`,
        );
      runOf.set(fold, runs[i].file);
    }
  }
}

function concatenated(all: readonly RunPredictions[]): RunPredictions {
  const folds = all.flatMap(({ splits }) => splits);
  const integers = (of: (own: RunPredictions) => Int32Array): Int32Array =>
    Int32Array.from(all.flatMap((own) => [...of(own)]));
  const floats = (of: (own: RunPredictions) => Float32Array): Float32Array =>
    Float32Array.from(all.flatMap((own) => [...of(own)]));
  return {
    ...all[0],
    clips: all.flatMap(({ clips }) => clips),
    actual: integers(({ actual }) => actual),
    probabilities: floats(({ probabilities }) => probabilities),
    calibrated: floats(({ calibrated }) => calibrated),
    splitOf: integers(({ splitOf, splits }) => splitOf.map((k) => folds.indexOf(splits[k]))),
    splits: folds,
    temperatures: all.flatMap(({ temperatures }) => temperatures),
    versionOf: all.flatMap(({ versionOf }) => versionOf),
  };
}

/** What was left out is the same in all runs; warnings may concern single folds. */
function mergedCaveats(runs: readonly StoredRun[], all: readonly RunPredictions[]): Caveats {
  const engines = new Set(
    runs.flatMap(({ engine }) =>
      engine ? `${engine.name} ${engine.version}, ${countOf(engine.threads, 'thread')}` : [],
    ),
  );
  const warnings = new Set(all.flatMap((own) => own.warnings ?? []));
  if (engines.size > 1)
    warnings.add(
      `the folds were trained with different engines or numbers of threads: ${[...engines].join('; ')}`,
    );
  return caveatsOf({ leftOut: all[0].leftOut, warnings: [...warnings] });
}

async function recordOf(
  runs: readonly StoredRun[],
  predictions: RunPredictions,
  { report, calibration: { before, after }, slices }: EvaluationScores,
): Promise<RunRecord> {
  const [first] = runs;
  const config = experimentConfig(first.config, { dataset: { fold: 'all' } });
  const rows = paperRows(predictions);
  const seconds = runs.flatMap((run) => (run.seconds ? [{ seconds: run.seconds }] : []));
  const tested = runs.map(({ splits }) => splits.reduce((sum, split) => sum + split.rows.test, 0));
  const siblings = runs.reduce((sum, { figures }, i) => sum + (figures?.siblingShare ?? 0) * tested[i], 0);
  return {
    format: 1,
    started: runs.map(({ started }) => started).sort()[0],
    status: 'finished',
    hash: configHash(config),
    config,
    engine: first.engine,
    data: first.data,
    ...caveatsOf(predictions),
    splits: runs.flatMap(({ splits }) => splits),
    report,
    calibration: { before, after },
    slices,
    figures: {
      clips: first.figures?.clips ?? {},
      classes: predictions.classes,
      confusion: [...confusionMatrix(predictions).counts],
      first: { right: rows.filter(({ right }) => right).length, of: rows.length, rows },
      siblingShare: siblings / tested.reduce((sum, count) => sum + count, 0),
    },
    ...(seconds.length === runs.length && { seconds: sumSeconds(seconds) }),
    environment: await environmentNow(),
  };
}
