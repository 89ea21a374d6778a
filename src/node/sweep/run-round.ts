import { canonicalHash, messageOf } from '../../core/base';
import { configHash, experimentConfig, type ExperimentConfig, type OptionValues } from '../../core/config';
import type { EpochRecord } from '../../core/network';
import { runOnWorkers, type WorkerProcess } from '../files';
import { withoutFolders } from '../runs';
import type { EndedTrial } from './trial';
import { appendTrial } from './trial-log';
import type { TrialTask } from './trial-process';

/** A trial at work. */
export interface RunningTrial {
  values: OptionValues;
  /** that it is to run */
  epochs: number;
  /** the last that it has finished */
  epoch?: EpochRecord;
}

/** What the trials of a sweep share. */
export interface RoundContext {
  base: ExperimentConfig;
  /** the data's fingerprint: the same config on other data is another trial */
  data: string;
  /** trials that ended before, by their hash: these are not run again */
  known: ReadonlyMap<string, EndedTrial>;
  /** path of the log */
  log: string;
  /** folder of the run records */
  runs: string;
  processes: readonly WorkerProcess<TrialTask>[];
  signal?: AbortSignal;
  /** after each epoch and each trial */
  onChange: () => void;
}

/**
 * Runs a trial for each of the candidates, as many at once as there are processes.
 *
 * @param budget - options that are set for all of them, over their own
 * @param ended - filled as trials end, in the order of the candidates: a place is empty while its trial is at work
 * @param running - the trials at work
 * @throws the signal's reason, or why a trial could not be written to the log; the trials at work have then been stopped
 */
export async function runRound(
  candidates: readonly OptionValues[],
  budget: OptionValues,
  context: RoundContext,
  { ended, running }: { ended: EndedTrial[]; running: Set<RunningTrial> },
): Promise<void> {
  await runOnWorkers(candidates, context.processes, context, async (process, values, place, signal) => {
    ended[place] = await runTrial(process, values, budget, { ...context, signal }, running);
    context.onChange();
  });
}

async function runTrial(
  process: WorkerProcess<TrialTask>,
  values: OptionValues,
  budget: OptionValues,
  { base, data, known, log, runs, signal, onChange }: RoundContext,
  running: Set<RunningTrial>,
): Promise<EndedTrial> {
  let config: ExperimentConfig;
  try {
    config = experimentConfig(base, values, budget);
  } catch (error) {
    const hash = canonicalHash({ data, base, values, budget });
    return { hash, values, epochs: 0, seconds: 0, status: 'failed', reason: messageOf(error) };
  }
  const { epochs } = config.training;
  const hash = canonicalHash([data, configHash(config)]);
  const before = known.get(hash);
  if (before) return { ...before, values };

  const started = performance.now();
  const now: RunningTrial = { values, epochs };
  running.add(now);
  try {
    const onReport = (epoch: EpochRecord): void => {
      now.epoch = epoch;
      onChange();
    };
    const came = await process.run({ config, runs }, { signal, onReport });
    signal?.throwIfAborted();
    const trial = { hash, values, epochs, seconds: (performance.now() - started) / 1000 };
    const ended: EndedTrial =
      'end' in came
        ? { ...trial, status: 'finished', ...came.end }
        : { ...trial, status: 'failed', reason: withoutFolders(came.problem) };
    await appendTrial(log, ended);
    return ended;
  } finally {
    running.delete(now);
  }
}
