import type { FeatureConfig } from '../../core/features';
import { startWorker } from '../files';
import type { ClipJob, ClipResult } from './worker';

/** Jobs that a worker holds: one at work and one waiting, so that it never waits for a message. */
const held = 2;

/**
 * Shares jobs out among worker threads, each the next one as it gets free.
 *
 * @param onResult - what it returns is waited for before that worker gets more: results never pile up in memory
 * @throws the signal's reason as soon as it is aborted, whatever the workers are at; or what a worker died of
 */
export async function runJobs(
  jobs: readonly ClipJob[],
  { config, workers, signal }: { config: FeatureConfig; workers: number; signal?: AbortSignal },
  onResult: (result: ClipResult) => Promise<void> | void,
): Promise<void> {
  if (jobs.length === 0) return;
  const threads = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    startWorker(__dirname, 'worker', config),
  );
  let next = 0;
  let open = jobs.length;
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop);
      if (signal?.aborted) stop();
      for (const thread of threads) {
        const give = (): void => {
          if (next < jobs.length) thread.postMessage(jobs[next++]);
        };
        const take = async (result: ClipResult): Promise<void> => {
          await onResult(result);
          if (--open === 0) resolve();
          give();
        };
        thread.on('message', (result: ClipResult) => void take(result).catch(reject));
        thread.on('error', reject);
        thread.on('exit', (code) => {
          if (open > 0) reject(new Error(`a worker of the feature extraction stopped with code ${code}`));
        });
        for (let i = 0; i < held; i++) give();
      }
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
