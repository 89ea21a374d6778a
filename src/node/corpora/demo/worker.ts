import { parentPort, workerData } from 'node:worker_threads';
import { encodeWav } from '../../../core/audio';
import { messageOf, WorkbenchError } from '../../../core/base';
import { writeInFolder } from '../../files';
import { loadEspeak } from './espeak';
import type { DemoClipPlan } from './plan';
import { synthesizeClip } from './synthesize';

/** Input of a worker: its part of the clips. */
export interface DemoWorkerData {
  plans: DemoClipPlan[];
  directory: string;
  seed: number;
}

/** Message of a worker after each clip, or once when it fails. */
export type DemoWorkerMessage =
  { durationSec: number; bytes: number } | { failure: string; isForUser: boolean };

async function main(report: (message: DemoWorkerMessage) => void): Promise<void> {
  const { plans, directory, seed } = workerData as DemoWorkerData;
  const speak = await loadEspeak();
  for (const plan of plans) {
    const waveform = synthesizeClip(plan, seed, speak);
    const bytes = encodeWav(waveform);
    writeInFolder(directory, plan.path, bytes, { isFlushed: false });
    report({ durationSec: waveform.samples.length / waveform.sampleRate, bytes: bytes.length });
  }
}

const report = (message: DemoWorkerMessage): void => parentPort?.postMessage(message);
main(report).catch((error: unknown) => {
  report({ failure: messageOf(error), isForUser: error instanceof WorkbenchError });
});
