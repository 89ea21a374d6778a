import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { canonicalHash, InvalidArgumentError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import { type Corpora, loadCorpora } from '../corpora';
import { moduleFile, openWorkerProcess, paths } from '../files';
import { dataFingerprint } from '../runs';
import { gridPlan, halvingRungs, randomPlan } from './plan';
import { type RunningTrial, runRound } from './run-round';
import type { SweepSpace } from './space';
import type { EndedTrial } from './trial';
import { readTrialLog } from './trial-log';
import type { TrialTask } from './trial-process';

export const sweepMethods = ['grid', 'random', 'halving'] as const;
export type SweepMethod = (typeof sweepMethods)[number];

export interface SweepProgress {
  /** trials that have ended, of them failed, and of how many; halving runs some configs in several trials */
  done: number;
  failed: number;
  total: number;
  /** the trials at work, with their last epoch */
  running: RunningTrial[];
  /** the best so far, of those with the most epochs */
  best?: EndedTrial;
}

export interface SweepOptions {
  /** default `random`; `halving` gives many configs a few epochs and the best ones all of them */
  method?: SweepMethod;
  /** configs to try with `random` and `halving`; default 20 */
  trials?: number;
  /** of the random configs; default 42 */
  seed?: number;
  /** of the first round of `halving`; default a ninth of `training.epochs`, at least 1 */
  minEpochs?: number;
  /** of `halving`: of the trials of a round, one in so many goes on, with so many times more epochs; default 3 */
  factor?: number;
  /** processes, at least 1; default one for two processors, as a trial itself uses several */
  workers?: number;
  /** folder of the run records; default `runs` */
  runs?: string;
  /** the log of ended trials; default a file in the folder `sweeps` of `runs` that belongs to data, base, space, method, trials and seed */
  log?: string;
  /** run trials again that had failed before; default false */
  retryFailed?: boolean;
  /** whose folder the trials read from; default `loadCorpora()` */
  corpora?: Pick<Corpora, 'root' | 'clips'>;
  /** stops the trials at work and the sweep; what has ended is in the log */
  signal?: AbortSignal;
  onProgress?: (progress: SweepProgress) => void;
  /** the file whose `runTrial` runs a trial; default one that runs the experiment and scores it by its validation rows */
  module?: string;
}

export interface SweepResult {
  space: SweepSpace;
  /** the best first; after them those with fewer epochs, and those that failed */
  trials: EndedTrial[];
  outcome: 'finished' | 'interrupted';
  /** path of the log */
  log: string;
}

/**
 * Looks for good hyperparameters: runs an experiment for each of many configs, in processes of their own.
 *
 * Each trial that ends is written to a log. The same call goes on where a sweep was stopped or killed: only the trials at work are
 * lost. A trial that fails is recorded with its reason, and the sweep goes on.
 *
 * A trial's score is that of its validation rows, by `training.monitor`. Its run record has the scores of the test rows, which
 * are to be looked at for the config that was chosen, and for no other.
 *
 * @param base - what all trials have in common
 * @param space - options to vary
 * @throws {@link InvalidArgumentError} if the space or an option breaks its rule, before any trial is run
 */
export async function runSweep(
  base: ExperimentConfig,
  space: SweepSpace,
  options: SweepOptions = {},
): Promise<SweepResult> {
  const { method = 'random', trials = 20, seed = 42, factor = 3 } = options;
  const { workers = Math.max(1, Math.floor(availableParallelism() / 2)) } = options;
  if (!sweepMethods.includes(method)) {
    throw new InvalidArgumentError('method', `one of ${sweepMethods.join(', ')}`, method);
  }
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  if (method === 'halving' && space['training.epochs'] !== undefined) {
    throw new InvalidArgumentError('space', 'without training.epochs (halving varies it)', space);
  }
  const plan = method === 'grid' ? gridPlan(space) : randomPlan(space, { trials, seed });
  const { epochs } = base.training;
  const { minEpochs = Math.max(1, Math.round(epochs / 9)) } = options;
  const rungs: readonly { trials: number; epochs?: number }[] =
    method === 'halving'
      ? halvingRungs({ trials: plan.length, minEpochs, maxEpochs: epochs, factor })
      : [{ trials: plan.length }];
  const corpora = options.corpora ?? (await loadCorpora());
  const data = dataFingerprint(corpora.clips);
  const identity = canonicalHash({
    data,
    base,
    space,
    method,
    ...(method !== 'grid' && { trials, seed }),
  });
  const { runs = paths.runs } = options;
  const { log = join(runs, 'sweeps', `${identity.slice(0, 16)}.jsonl`) } = options;

  const rounds: EndedTrial[][] = [];
  const running = new Set<RunningTrial>();
  const onChange = (): void => {
    const ended = rounds.flat();
    options.onProgress?.({
      done: ended.length,
      failed: ended.filter(({ status }) => status === 'failed').length,
      total: rungs.reduce((sum, rung) => sum + rung.trials, 0),
      running: [...running].map((trial) => ({ ...trial })),
      best: bestFirst(rounds).find(({ status }) => status === 'finished'),
    });
  };
  const { signal, retryFailed = false, module = moduleFile(__dirname, 'experiment-trial') } = options;
  const known = await readTrialLog(log);
  if (retryFailed) for (const [hash, { status }] of known) if (status === 'failed') known.delete(hash);
  const processes = Array.from({ length: workers }, () =>
    openWorkerProcess<TrialTask>(moduleFile(__dirname, 'trial-process'), {
      processes: workers,
      args: [module],
      env: { SER_DATA: resolve(corpora.root) },
    }),
  );
  let outcome: SweepResult['outcome'] = 'finished';
  try {
    let candidates = plan;
    for (const { trials: count, epochs: budget } of rungs) {
      const ended: EndedTrial[] = [];
      rounds.push(ended);
      await runRound(
        candidates.slice(0, count),
        budget === undefined ? {} : { 'training.epochs': budget },
        { base, data, known, log, runs, processes, signal, onChange },
        { ended, running },
      );
      candidates = bestFirst([ended])
        .filter(({ status }) => status === 'finished')
        .map(({ values }) => values);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    outcome = 'interrupted';
  } finally {
    for (const process of processes) process.close();
  }
  return { space, trials: bestFirst(rounds), outcome, log };
}

/** The last round first, in each round the best first (of equal ones the earlier in the plan); those that failed after all. */
function bestFirst(rounds: readonly EndedTrial[][]): EndedTrial[] {
  const scoreOf = (trial: EndedTrial) => (trial.status === 'finished' ? trial.score : -Infinity);
  // Object.values leaves out the empty places of trials that are at work.
  const sorted = rounds
    .map((round) => Object.values(round).sort((a, b) => scoreOf(b) - scoreOf(a)))
    .reverse()
    .flat();
  const isFinished = ({ status }: EndedTrial) => status === 'finished';
  return [...sorted.filter(isFinished), ...sorted.filter((trial) => !isFinished(trial))];
}
