import { InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import type { Audit } from '../../core/dataset';
import {
  type EvaluationScores,
  evaluationScores,
  joinSeeds,
  type Predictions,
  type SliceName,
  usualSlices,
} from '../../core/evaluation';
import type { ExperimentResult } from '../../core/prediction';
import { loadCorpora } from '../corpora';
import { loadEngine } from '../engine';
import { saveModels } from '../models';
import { secondsOf } from '../runs';
import { type Ensemble, memberOf, scoreEnsemble } from './ensemble';
import { type ExperimentOptions, runExperiment } from './run-experiment';
import { type RecordedResult, runRecorded } from './run-recorded';

export interface EvaluateOptions extends ExperimentOptions {
  /** seeds of the training, one after the other; default the config's */
  seeds?: readonly number[];
  /** what the rows are divided by; default nothing */
  slices?: readonly SliceName[];
  /** folder in which a run record is written of each seed, with its models; and one of several seeds as one; default none is */
  records?: string;
  /** before each seed's training */
  onSeed?: (place: { seed: number; number: number; count: number }) => void;
}

/** An experiment trained with one seed or several, and scored. */
export interface Evaluation {
  config: ExperimentConfig;
  seeds: readonly number[];
  /** one a seed that was begun; with path and scores of its record, if it was kept */
  runs: (ExperimentResult & Partial<RecordedResult>)[];
  /** of every split, the same for all seeds */
  audits: readonly Audit[];
  /** trainings that were finished, of those that there are to be */
  folds: { done: number; of: number };
  outcome: ExperimentResult['outcome'];
  /** of all test rows of all seeds; absent, as `scores`, if not one fold was finished */
  predictions?: Predictions;
  validation?: Predictions;
  scores?: EvaluationScores;
  /**
   * several seeds as one model, which is one more; with the path of its record, if it was kept; absent with one seed, or when
   * interrupted
   */
  ensemble?: Ensemble;
  seconds: ExperimentResult['seconds'];
}

/**
 * Trains and scores every fold of an experiment, with one seed or several. Features are made once. When it is interrupted, the
 * folds that were finished are scored.
 *
 * @throws {@link InvalidArgumentError} if the config does not fit the data, or a seed is none or is there twice
 * @throws WorkbenchError if the clips cannot be divided by the protocol, or an audit finds a leak
 */
export async function evaluateExperiment(
  config: ExperimentConfig,
  { seeds = [config.seed], slices, records, onSeed, onAudit, ...options }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkSeeds(seeds);
  const corpora = options.corpora ?? (await loadCorpora());
  const engine = options.engine ?? (await loadEngine());
  let set = options.set;
  let audits: readonly Audit[] = [];
  const started = new Date();
  const runs: Evaluation['runs'] = [];
  for (const [i, seed] of seeds.entries()) {
    onSeed?.({ seed, number: i + 1, count: seeds.length });
    const run = await (records === undefined ? runExperiment : recordedIn(records))(
      { ...config, seed },
      {
        ...options,
        corpora,
        engine,
        set,
        onAudit: (found) => {
          audits = found;
          if (i === 0) onAudit?.(found);
        },
      },
    );
    runs.push(run);
    ({ set } = run);
    if (run.outcome === 'interrupted') break;
  }
  const joined = (part: 'predictions' | 'validation'): Predictions | undefined => {
    const known = runs.flatMap(({ [part]: predictions, config: { seed } }) =>
      predictions ? [{ seed, predictions }] : [],
    );
    return known.length > 0 ? joinSeeds(known) : undefined;
  };
  const [predictions, validation] = [joined('predictions'), joined('validation')];
  const { outcome } = runs[runs.length - 1];
  const ensemble =
    runs.length > 1 && outcome === 'finished'
      ? await scoreEnsemble(
          runs[0],
          runs.flatMap((run) => memberOf(run) ?? []),
          // Slices are for the record alone, and each is resampled thousands of times.
          { ...(records !== undefined && { slices: usualSlices(runs[0].set.clips) }), started, records },
        )
      : undefined;
  const known = runs.length === 1 ? { report: runs[0].report, ...runs[0].scores } : {};
  const done = runs.reduce((sum, { folds }) => sum + folds.length, 0);
  return {
    config,
    seeds,
    runs,
    audits,
    folds: { done, of: audits.length * seeds.length },
    outcome,
    ...(predictions && { predictions, scores: evaluationScores(predictions, validation, { slices, known }) }),
    ...(validation && { validation }),
    ...(ensemble && { ensemble }),
    seconds: secondsOf(runs),
  };
}

const recordedIn =
  (runs: string): typeof runRecorded =>
  async (config, options) => {
    const result = await runRecorded(config, { ...options, runs });
    await saveModels(result, result.path);
    return result;
  };

function checkSeeds(seeds: readonly number[]): void {
  const isEach = seeds.every(Number.isSafeInteger) && new Set(seeds).size === seeds.length;
  if (seeds.length === 0 || !isEach) {
    throw new InvalidArgumentError('seeds', 'a list of integers, each once', seeds);
  }
}
