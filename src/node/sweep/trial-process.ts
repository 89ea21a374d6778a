import type { ExperimentConfig } from '../../core/config';
import type { EpochRecord } from '../../core/network';
import { runWorkerMain } from '../files';
import type { RunTrial } from './trial';

/** What a sweep's process does. */
export interface TrialTask {
  order: { config: ExperimentConfig; runs: string };
  /** each epoch as it ends */
  report: EpochRecord;
  end: Awaited<ReturnType<RunTrial>>;
}

/** The module whose `runTrial` is called. */
const [, , moduleFile] = process.argv;

runWorkerMain<TrialTask>(async ({ config, runs }, { signal, report }) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() knows no TypeScript here
  const { runTrial } = require(moduleFile) as { runTrial?: RunTrial };
  if (!runTrial) throw new Error(`${moduleFile} has no runTrial`);
  const { score, run } = await runTrial(config, { runs, signal, onEpoch: report });
  if (!Number.isFinite(score)) throw new Error(`its score is ${score}`);
  return { score, run };
});
