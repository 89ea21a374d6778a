import type { ExperimentConfig } from '../../core/config';
import { caveatsOf } from '../../core/evaluation';
import type { EpochRecord } from '../../core/network';
import { runWorkerMain } from '../files';
import type { RunTrial } from './trials';

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
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() does not load TypeScript here
  const { runTrial } = require(moduleFile) as { runTrial?: RunTrial };
  if (!runTrial) throw new Error(`${moduleFile} does not export runTrial`);
  const { score, run, checkpoints, ...caveats } = await runTrial(config, { runs, signal, onEpoch: report });
  if (!Number.isFinite(score)) throw new Error(`score must be a finite number, got ${score}`);
  return { score, run, checkpoints, ...caveatsOf(caveats) };
});
