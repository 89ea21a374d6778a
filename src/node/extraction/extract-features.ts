import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { formatLeftOut, groupBy, InvalidArgumentError, leftOutOf, WorkbenchError } from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import {
  allTasks,
  columnNames,
  createRows,
  featureConfig,
  type FeatureConfig,
  type FeatureSet,
} from '../../core/features';
import { corporaFor, type Corpora } from '../corpora';
import { paths, startWorker } from '../files';
import { loadFrontEnd } from './load-kernel';
import { featureKeys, openCache, type StoredFeature } from './store';
import type { ClipJob, ClipResult } from './worker';

/** Progress of {@link extractFeatures}. */
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

/** Options of {@link extractFeatures}. */
export interface ExtractOptions {
  /** number of threads, at least 1; it does not affect the result; default: the number of processors */
  workers?: number;
  /** called after each computed clip */
  onProgress?: (progress: ExtractProgress) => void;
  /** stops immediately; features computed so far stay in the store */
  signal?: AbortSignal;
  /** folder of the feature store, or false for none; default `data/cache/features` */
  store?: string | false;
  /**
   * called once if the store cannot be read or written, for example because the disk is full; the extraction continues without it;
   * default `console.error`
   */
  onWarning?: (warning: string) => void;
}

/**
 * Extracts the features of clips on worker threads: read, cut the window, resample, augment, compute.
 *
 * Features in the store are read, not computed again: an interrupted extraction resumes, and after a change of options only the
 * affected features are computed. Files that cannot be used are skipped, listed in `failed` and counted in `leftOut`.
 *
 * Memory: the result (12,162 clips × 4 versions × 108 frames × 22 coefficients × 4 bytes = 462 MB) and about 60 MB per worker.
 *
 * @param corpora - the result of `loadCorpora`, or some of its clips
 * @param changes - differences from the paper's configuration
 * @returns rows in the order of the clips
 * @throws {@link InvalidArgumentError} if an option is invalid
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const corpora = await loadCorpora();
 * const set = await extractFeatures(corpora, { features: ['mfcc', 'rms'], nMfcc: 13 });
 * set.shape; // [clips, versions, frames, 14]
 * ```
 */
export async function extractFeatures(
  { clips, fileOf }: Pick<Corpora, 'clips' | 'fileOf'>,
  changes: Partial<FeatureConfig> = {},
  options: ExtractOptions = {},
): Promise<FeatureSet> {
  const { workers = availableParallelism(), onProgress, signal, onWarning = console.error } = options;
  const { store: directory = join(paths.cache, 'features') } = options;
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  const config = featureConfig(changes);
  signal?.throwIfAborted();

  const rows = createRows(clips, config);
  const tasks = allTasks(config);
  const keys = featureKeys(config, (await loadFrontEnd()).name);
  const store = await openCache(directory, {
    signal,
    onWarning: (problem) => {
      onWarning(`${problem}; the extraction continues without storing its features`);
    },
  });

  const missing = clips.map(() => new Set(tasks.keys()));
  const clipsOf = groupBy(clips.keys(), (i) => clips[i].sha256);
  const tasksOf = groupBy(tasks.keys(), (i) => keys[tasks[i].version][tasks[i].feature]);
  await store.read(
    ({ sha256, key }) => clipsOf.has(sha256) && tasksOf.has(key),
    ({ sha256, key, matrix }) => {
      for (const clip of clipsOf.get(sha256)!) {
        for (const task of tasksOf.get(key)!) {
          rows.place(clip, tasks[task], matrix);
          missing[clip].delete(task);
        }
      }
    },
    signal,
  );

  const jobs = clips.flatMap((clip, id): ClipJob[] => {
    const remaining = [...missing[id]].map((task) => tasks[task]);
    const { sha256, channel } = clip;
    return remaining.length > 0 ? [{ id, file: fileOf(clip), sha256, channel, tasks: remaining }] : [];
  });
  const tasksOfJob = new Map(jobs.map((job) => [job.id, job.tasks]));
  const failed = new Map<number, string>();
  const report = progressReporter(clips.length, jobs.length, onProgress);
  let unwritten: StoredFeature[] = [];
  let clipsUnwritten = 0;
  const flush = async (): Promise<void> => {
    const batch = unwritten;
    [unwritten, clipsUnwritten] = [[], 0];
    await store.write(batch);
  };
  try {
    await runJobs('worker', config, jobs, { workers, signal }, async (result: ClipResult) => {
      const { id } = result;
      if ('problem' in result) failed.set(id, result.problem);
      else {
        for (const [i, task] of tasksOfJob.get(id)!.entries()) {
          const matrix = result.matrices[i];
          rows.place(id, task, matrix);
          unwritten.push({ sha256: clips[id].sha256, key: keys[task.version][task.feature], matrix });
        }
        if (++clipsUnwritten >= clipsPerShard) await flush();
      }
      report(failed.size);
    });
  } finally {
    await flush();
  }
  const sorted = [...failed].sort(([a], [b]) => a - b);
  return {
    ...rows.without(failed),
    clips: clips.filter((_, i) => !failed.has(i)),
    versions: Object.keys(config.versions),
    columns: columnNames(config),
    failed: sorted.map(([i, reason]) => ({ path: clips[i].path, reason })),
    leftOut: leftOutOf(
      'clips without features',
      sorted.map(([i, reason]) => {
        const { path, emotion, speaker } = clips[i];
        return { name: path, reason, emotion, speaker };
      }),
    ),
    config,
  };
}

/**
 * {@link extractFeatures} with the corpora and feature options of an experiment.
 *
 * @throws {@link WorkbenchError} if none of the recordings could be used
 * @throws the signal's reason if it is aborted
 */
export async function experimentFeatures(
  corpora: Corpora,
  config: Pick<ExperimentConfig, 'corpora' | 'labels' | 'features'>,
  { signal, onFeatures }: { signal?: AbortSignal; onFeatures?: (progress: ExtractProgress) => void } = {},
): Promise<FeatureSet> {
  const set = await extractFeatures(corporaFor(corpora, config), config.features, {
    onProgress: onFeatures,
    signal,
  });
  if (set.clips.length > 0) return set;
  throw new WorkbenchError(`none of the recordings could be used: ${formatLeftOut(set.leftOut, 1)[0]}`);
}

/** Computed clips are written to the store in shards of this size; a killed process loses at most one shard. */
const clipsPerShard = 64;

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
  jobs: readonly unknown[],
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
          if (next < jobs.length) thread.postMessage(jobs[next++]);
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
  onProgress: ExtractOptions['onProgress'],
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
