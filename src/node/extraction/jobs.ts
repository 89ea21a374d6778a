import { startWorker } from '../files';

/** Progress of an extraction. */
export interface ExtractProgress {
  /** clips that are finished, including `stored` and `failed` */
  done: number;
  total: number;
  /** clips read from the store */
  stored: number;
  failed: number;
  /** rate of the clips that are computed */
  clipsPerSecond?: number;
  etaSec?: number;
}

/** Jobs per worker: one running and one queued, so that workers are never idle. */
const jobsPerWorker = 2;

/**
 * Runs jobs on worker threads; each worker gets the next job as soon as it is free.
 *
 * @param worker - module in this folder that posts one message per job
 * @param onResult - receives the worker's message; awaited before the worker gets another job, so that results do not pile up in memory
 * @throws the signal's reason immediately when it is aborted, or the error that stopped a worker
 */
export async function runJobs(
  worker: string,
  workerData: unknown,
  jobs: Pick<readonly unknown[], 'length' | 'at'>,
  { workers, signal }: { workers: number; signal?: AbortSignal },
  onResult: (result: never) => Promise<void> | void,
): Promise<void> {
  if (jobs.length === 0) return;
  const threads = Array.from({ length: Math.min(workers, jobs.length) }, () =>
    startWorker(__dirname, worker, workerData),
  );
  let next = 0;
  let unfinished = jobs.length;
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop);
      if (signal?.aborted) stop();
      for (const thread of threads) {
        const sendJob = (): void => {
          if (next < jobs.length) thread.postMessage(jobs.at(next++));
        };
        const takeResult = async (result: never): Promise<void> => {
          await onResult(result);
          if (--unfinished === 0) resolve();
          sendJob();
        };
        thread.on('message', (result: unknown) => void takeResult(result as never).catch(reject));
        thread.on('error', reject);
        thread.on('exit', (code) => {
          if (unfinished > 0)
            reject(new Error(`a worker of the feature extraction stopped with code ${code}`));
        });
        for (let i = 0; i < jobsPerWorker; i++) sendJob();
      }
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Calls `onProgress` with rate and remaining time, once for each computed clip. */
export function progressReporter(
  total: number,
  jobs: number,
  onProgress: ((progress: ExtractProgress) => void) | undefined,
): (failed: number) => void {
  const stored = total - jobs;
  const start = performance.now();
  let computed = 0;
  return (failed) => {
    computed++;
    const clipsPerSecond = computed / ((performance.now() - start) / 1000);
    onProgress?.({
      done: stored + computed,
      total,
      stored,
      failed,
      clipsPerSecond,
      etaSec: (jobs - computed) / clipsPerSecond,
    });
  };
}
