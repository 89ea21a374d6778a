import { messageOf } from '../../errors';
import type { ExperimentConfig } from '../../config';
import type { EpochRecord } from '../../training';
import type { RunTrial } from './trial';

/** To a trial's process. */
export type TrialOrder = { config: ExperimentConfig; runs: string } | 'stop';

/** From it: an epoch as it ends, and in the end what became of the trial. */
export type TrialReport = { epoch: EpochRecord } | { score: number; run: string } | { problem: string };

/** The module whose `runTrial` is called; this process runs one trial after the other. */
const [, , moduleFile] = process.argv;
let control: AbortController | undefined;

async function trial(
  { config, runs }: Exclude<TrialOrder, 'stop'>,
  signal: AbortSignal,
): Promise<TrialReport> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() knows no TypeScript here
    const { runTrial } = require(moduleFile) as { runTrial?: RunTrial };
    if (!runTrial) throw new Error(`${moduleFile} has no runTrial`);
    const { score, run } = await runTrial(config, {
      runs,
      signal,
      onEpoch: (epoch) => {
        report({ epoch });
      },
    });
    return Number.isFinite(score) ? { score, run } : { problem: `its score is ${score}` };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function report(message: TrialReport): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (order: TrialOrder) => {
  if (order === 'stop') {
    control?.abort(new Error('the sweep was stopped'));
    return;
  }
  control = new AbortController();
  void trial(order, control.signal).then(report);
});
// A sweep that was killed leaves no process behind; and an interrupt from the terminal is the sweep's to pass on.
process.on('disconnect', () => process.exit(1));
process.on('SIGINT', () => undefined);
