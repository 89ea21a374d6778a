import type { ExperimentConfig } from '../../core/config';
import type { EpochRecord } from '../../core/network';
import { runWorkerMain } from '../files';
import { type RunTrial, runTrialOf } from './trials';

/** Messages to and from a worker process that runs trials. */
export interface TrialTask {
  request: { config: ExperimentConfig; runs: string };
  /** sent after each epoch */
  report: EpochRecord;
  end: Awaited<ReturnType<RunTrial>>;
}

/** The module that exports `runTrial`. */
const [, , moduleFile] = process.argv;

runWorkerMain<TrialTask>(async ({ config, runs }, { signal, report }) => {
  return runTrialOf(moduleFile, config, { runs, signal, onEpoch: report });
});
