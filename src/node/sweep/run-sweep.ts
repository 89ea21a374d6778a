import { join, resolve } from 'node:path';
import { canonicalHash, InvalidArgumentError, messageOf } from '../../core/base';
import { configHash, type ExperimentConfig, experimentConfig, type OptionValues } from '../../core/config';
import type { EpochRecord } from '../../core/network';
import { type Corpora, loadCorpora } from '../corpora';
import { cleanCheckpoints, deleteCheckpoints } from '../experiment';
import {
  maxWorkers,
  moduleFile,
  openWorkerProcess,
  paths,
  runDefaults,
  runOnWorkers,
  type WorkerProcess,
} from '../files';
import { dataFingerprint, redactPaths } from '../runs';
import { gridPlan, halvingRungs, randomPlan, type SweepSpace } from './space';
import type { TrialTask } from './trial-process';
import { appendTrials, type EndedTrial, readTrialLog } from './trials';

/** The search methods of {@link runSweep}. */
export const sweepMethods = ['grid', 'random', 'halving'] as const;
/** A search method of {@link runSweep}. */
export type SweepMethod = (typeof sweepMethods)[number];

/** Options of {@link runSweep}. */
export interface SweepOptions {
  /** default `random`; `halving` trains many configs for a few epochs and the best ones for all */
  method?: SweepMethod;
  /** configs to try with `random` and `halving`; default 20 */
  trials?: number;
  /** seed of the random configs; default 42 */
  seed?: number;
  /** epochs in the first round of `halving`; default a ninth of `training.epochs`, at least 1 */
  minEpochs?: number;
  /** reduction factor of `halving`: each round keeps the best `1 / factor` of the trials and trains them for `factor` times as many epochs; default 3 */
  factor?: number;
  /** trials that run at the same time, each in its own process; default half the number of processors, as far as the memory suffices */
  workers?: number;
  /** folder of the run records; default `runs` */
  runs?: string;
  /** log of the trials; default a file in `runs/sweeps` named by a hash of data, base, space, method, trials and seed */
  log?: string;
  /** run failed trials again; default false */
  retryFailed?: boolean;
  /** corpora to train on; default `loadCorpora()` */
  corpora?: Pick<Corpora, 'root' | 'clips'>;
  /** stops the running trials and the sweep; finished trials stay in the log */
  signal?: AbortSignal;
  onProgress?: (progress: SweepProgress) => void;
  /** runs the trials of a round elsewhere, instead of in processes of this computer; returns how each ended */
  runTrials?: (trials: readonly PlannedTrial[]) => Promise<TrialEnd[]>;
  /** file that exports `runTrial`; default one that runs the experiment and scores its validation rows */
  module?: string;
}

/** A trial that has not run yet. */
export interface PlannedTrial {
  /** of data and config */
  hash: string;
  config: ExperimentConfig;
}

/** How a trial ended. */
export type TrialEnd = EndedTrial extends infer Ended
  ? Ended extends EndedTrial
    ? Omit<Ended, 'hash' | 'values' | 'epochs'>
    : never
  : never;

/** Progress of {@link runSweep}. */
export interface SweepProgress {
  /** trials that finished or failed */
  done: number;
  /** of these, failed */
  failed: number;
  /** all trials; `halving` runs some configs in several trials */
  total: number;
  running: RunningTrial[];
  /** the best so far of those with the most epochs */
  best?: EndedTrial;
}

/** A trial that is running. */
export interface RunningTrial {
  values: OptionValues;
  /** number of epochs to run */
  epochs: number;
  /** the last finished epoch */
  epoch?: EpochRecord;
}

/** Result of {@link runSweep}. */
export interface SweepResult {
  space: SweepSpace;
  /** best first, then those with fewer epochs, then failed ones */
  trials: EndedTrial[];
  outcome: 'finished' | 'interrupted';
  /** path of the log */
  log: string;
}

/**
 * Searches for good hyperparameters: runs an experiment for each of many configs, in separate processes.
 *
 * Each finished or failed trial is written to a log; a failed trial does not stop the sweep. The same call resumes a sweep that was
 * interrupted or killed; the trials that were running continue after their last epoch.
 *
 * The score of a trial is computed on its validation rows with the metric `training.monitor`. Its run record also contains test scores:
 * use them only for the selected config.
 *
 * @param base - config that all trials share
 * @param space - options to vary
 * @throws {@link InvalidArgumentError} if the space or an option breaks its rule, before any trial runs
 * @example
 * ```ts
 * const space = { 'model.width': [32, 64], 'training.learningRate': { logUniform: [1e-4, 1e-2] } };
 * const { trials } = await runSweep(experimentConfig('quick'), space, { trials: 8 });
 * ```
 */
export async function runSweep(
  base: ExperimentConfig,
  space: SweepSpace,
  options: SweepOptions = {},
): Promise<SweepResult> {
  const {
    method = 'random',
    trials = 20,
    seed = 42,
    runs = paths.runs,
    signal,
    retryFailed = false,
  } = options;
  const { workers = runDefaults().sweepWorkers } = options;
  checkCall(method, workers, space);
  const plan = method === 'grid' ? gridPlan(space) : randomPlan(space, { trials, seed });
  const rungs = method === 'halving' ? rungsOf(plan, base, options) : [{ trials: plan.length }];
  const corpora = options.corpora ?? (await loadCorpora({ labels: base.labels }));
  const data = dataFingerprint(corpora.clips);
  const identity = canonicalHash({ data, base, space, method, ...(method !== 'grid' && { trials, seed }) });
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
  const known = await readTrialLog(log);
  // A sweep that was killed after logging a trial left its checkpoints.
  const saved = [...known.values()].flatMap((trial) => (trial.status === 'finished' ? trial.run : []));
  await cleanCheckpoints(join(runs, 'checkpoints'), new Set(saved));
  if (retryFailed) for (const [hash, { status }] of known) if (status === 'failed') known.delete(hash);
  const { module = moduleFile(__dirname, 'experiment-trial') } = options;
  const processes = Array.from({ length: workers }, () =>
    openWorkerProcess<TrialTask>(moduleFile(__dirname, 'trial-process'), {
      processes: workers,
      args: [module],
      env: { SER_DATA: resolve(corpora.root) },
    }),
  );
  const context = { base, data, known, log, runs, running, onChange };
  let outcome: SweepResult['outcome'] = 'finished';
  try {
    let candidates = plan;
    for (const { trials: count, epochs } of rungs) {
      const ended: EndedTrial[] = [];
      rounds.push(ended);
      const budget: OptionValues = epochs === undefined ? {} : { 'training.epochs': epochs };
      const round = candidates.slice(0, count);
      if (options.runTrials) {
        ended.push(...(await runElsewhere(round, budget, context, options.runTrials)));
        onChange();
      } else {
        await runOnWorkers(round, processes, { signal }, async (process, values, i, stop) => {
          ended[i] = await runTrial(process, values, budget, { ...context, signal: stop });
          onChange();
        });
      }
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

function checkCall(method: SweepMethod, workers: number, space: SweepSpace): void {
  if (!sweepMethods.includes(method)) {
    throw new InvalidArgumentError('method', `one of ${sweepMethods.join(', ')}`, method);
  }
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  if (workers > maxWorkers) throw new InvalidArgumentError('workers', `at most ${maxWorkers}`, workers);
  if (method === 'halving' && space['training.epochs'] !== undefined) {
    throw new InvalidArgumentError('space', 'without training.epochs (halving varies it)', space);
  }
}

function rungsOf(
  plan: readonly OptionValues[],
  { training: { epochs } }: ExperimentConfig,
  { minEpochs = Math.max(1, Math.round(epochs / 9)), factor = 3 }: SweepOptions,
): { trials: number; epochs?: number }[] {
  return halvingRungs({ trials: plan.length, minEpochs, maxEpochs: epochs, factor });
}

/** Inputs shared by all trials of a sweep. */
interface SweepContext {
  base: ExperimentConfig;
  /** fingerprint of the data: the same config on other data is another trial */
  data: string;
  /** finished and failed trials of earlier calls, by hash: they do not run again */
  known: ReadonlyMap<string, EndedTrial>;
  log: string;
  runs: string;
  running: Set<RunningTrial>;
  signal: AbortSignal;
  /** called after each epoch */
  onChange: () => void;
}

/** A trial with its hash, or its end if it is in the log or its config is invalid. */
function findTrial(
  values: OptionValues,
  budget: OptionValues,
  { base, data, known }: Pick<SweepContext, 'base' | 'data' | 'known'>,
): PlannedTrial | { ended: EndedTrial } {
  let config: ExperimentConfig;
  try {
    config = experimentConfig(base, values, budget);
  } catch (error) {
    const hash = canonicalHash({ data, base, values, budget });
    return { ended: { hash, values, epochs: 0, seconds: 0, status: 'failed', reason: messageOf(error) } };
  }
  const hash = canonicalHash([data, configHash(config)]);
  const before = known.get(hash);
  return before ? { ended: { ...before, values } } : { hash, config };
}

/** Runs the trials of a round with `runTrials`, except those in the log, and writes them to the log. */
async function runElsewhere(
  round: readonly OptionValues[],
  budget: OptionValues,
  context: Omit<SweepContext, 'signal'>,
  runTrials: NonNullable<SweepOptions['runTrials']>,
): Promise<EndedTrial[]> {
  const found = round.map((values) => findTrial(values, budget, context));
  const missing = found.filter((trial) => 'config' in trial);
  const ends = missing.length > 0 ? await runTrials(missing) : [];
  const endOf = new Map(missing.map(({ hash }, i) => [hash, ends[i]]));
  const ended: EndedTrial[] = [];
  for (const [i, trial] of found.entries()) {
    if ('ended' in trial) {
      ended.push(trial.ended);
      continue;
    }
    const { hash, config } = trial;
    const now = { hash, values: round[i], epochs: config.training.epochs, ...endOf.get(hash)! };
    ended.push(now);
  }
  await appendTrials(
    context.log,
    ended.filter(({ hash }) => endOf.has(hash)),
  );
  return ended;
}

/** Runs one trial, or reads its result from the log. `budget` overrides the values of the trial. */
async function runTrial(
  process: WorkerProcess<TrialTask>,
  values: OptionValues,
  budget: OptionValues,
  context: SweepContext,
): Promise<EndedTrial> {
  const { log, runs, running, signal, onChange } = context;
  const found = findTrial(values, budget, context);
  if ('ended' in found) return found.ended;
  const { hash, config } = found;
  const { epochs } = config.training;

  const started = performance.now();
  const now: RunningTrial = { values, epochs };
  running.add(now);
  try {
    const onReport = (epoch: EpochRecord): void => {
      now.epoch = epoch;
      onChange();
    };
    const result = await process.run({ config, runs }, { signal, onReport });
    signal.throwIfAborted();
    const trial = { hash, values, epochs, seconds: (performance.now() - started) / 1000 };
    if (!('end' in result)) {
      const failed: EndedTrial = { ...trial, status: 'failed', reason: redactPaths(result.problem) };
      await appendTrials(log, [failed]);
      return failed;
    }
    const { checkpoints, ...ended } = result.end;
    const finished: EndedTrial = { ...trial, status: 'finished', ...ended };
    await appendTrials(log, [finished]);
    // Only after the trial is in the log: if the sweep is killed before that, the trial is not trained again.
    if (checkpoints !== undefined) deleteCheckpoints(checkpoints);
    return finished;
  } finally {
    running.delete(now);
  }
}

/** The last round first; within a round the best first (ties in the order of the plan); failed trials at the end. */
function bestFirst(rounds: readonly EndedTrial[][]): EndedTrial[] {
  const scoreOf = (trial: EndedTrial) => (trial.status === 'finished' ? trial.score : -Infinity);
  // Object.values leaves out the empty places of running trials.
  const sorted = rounds
    .map((round) => Object.values(round).sort((a, b) => scoreOf(b) - scoreOf(a)))
    .reverse()
    .flat();
  const isFinished = ({ status }: EndedTrial) => status === 'finished';
  return [...sorted.filter(isFinished), ...sorted.filter((trial) => !isFinished(trial))];
}
