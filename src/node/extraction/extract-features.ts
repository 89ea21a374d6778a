import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from '../../core/base';
import {
  allTasks,
  columnNames,
  createRows,
  featureConfig,
  type FeatureConfig,
  type FeatureSet,
} from '../../core/features';
import type { Corpora } from '../corpora';
import { paths } from '../files';
import { featureKeys } from './feature-keys';
import { loadFrontEnd } from './load-kernel';
import { openStore } from './open-store';
import { runJobs } from './run-jobs';
import type { StoredFeature } from './shard';
import type { ClipJob } from './worker';

export interface ExtractProgress {
  /** clips finished, of them those that were in the store, and those that failed */
  done: number;
  total: number;
  stored: number;
  failed: number;
  /** of those that were not in the store; undefined before the first */
  clipsPerSecond?: number;
  etaSec?: number;
}

export interface ExtractOptions {
  /** threads, at least 1; the numbers do not depend on it; default one a processor */
  workers?: number;
  /** after each clip that was computed */
  onProgress?: (progress: ExtractProgress) => void;
  /** stops the work at once; what was computed so far is stored */
  signal?: AbortSignal;
  /** the store's folder, or false for none; default `data/cache/features` */
  store?: string | false;
}

/** Clips are written to the store after so many: what a killed process loses. */
const clipsInShard = 64;

/**
 * Makes the features of clips: reads, cuts the window, resamples, augments and measures, on worker threads.
 *
 * What was made before is read from the store; only what is missing is computed, so that interrupted work goes on where it
 * stopped and a changed option costs what depends on it. A file that cannot be used is reported and left out.
 *
 * Memory: the result (12,162 clips × 4 versions × 108 frames × 22 coefficients × 4 bytes are 462 MB) and some 60 MB a worker.
 *
 * @param corpora - the clips, and where their files lie: what `loadCorpora` returns, or a part of it
 * @param changes - what differs from the paper's configuration
 * @returns rows in the order of the clips
 * @throws InvalidArgumentError if an option breaks its rule
 * @throws the signal's reason, if it was aborted
 */
export async function extractFeatures(
  { clips, fileOf }: Pick<Corpora, 'clips' | 'fileOf'>,
  changes: Partial<FeatureConfig> = {},
  options: ExtractOptions = {},
): Promise<FeatureSet> {
  const { workers = availableParallelism(), onProgress, signal } = options;
  const { store: directory = join(paths.cache, 'features') } = options;
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  }
  const config = featureConfig(changes);
  signal?.throwIfAborted();

  const rows = createRows(clips, config);
  const tasks = allTasks(config);
  const keys = featureKeys(config, (await loadFrontEnd()).name);
  const store = directory === false ? undefined : await openStore(directory);

  const missing = clips.map(() => new Set(tasks.keys()));
  if (store) {
    const clipsOf = groupByContent(clips);
    const tasksOf = new Map<string, number[]>();
    for (const [t, { version, feature }] of tasks.entries()) {
      const key = keys[version][feature];
      tasksOf.set(key, [...(tasksOf.get(key) ?? []), t]);
    }
    await store.read(
      ({ sha256, key }) => clipsOf.has(sha256) && tasksOf.has(key),
      ({ sha256, key, matrix }) => {
        for (const clip of clipsOf.get(sha256)!) {
          for (const t of tasksOf.get(key)!) {
            rows.place(clip, tasks[t], matrix);
            missing[clip].delete(t);
          }
        }
      },
      signal,
    );
  }

  const jobs = clips.flatMap((clip, id): ClipJob[] => {
    const open = [...missing[id]].map((t) => tasks[t]);
    return open.length > 0 ? [{ id, file: fileOf(clip), sha256: clip.sha256, tasks: open }] : [];
  });
  const tasksOfJob = new Map(jobs.map((job) => [job.id, job.tasks]));
  const failed = new Map<number, string>();
  const report = progressOf(clips.length, jobs.length, onProgress);
  let unwritten: StoredFeature[] = [];
  let clipsUnwritten = 0;
  const flush = async (): Promise<void> => {
    const batch = unwritten;
    [unwritten, clipsUnwritten] = [[], 0];
    await store?.write(batch);
  };
  try {
    await runJobs(jobs, { config, workers, signal }, async (result) => {
      const { id } = result;
      if ('problem' in result) failed.set(id, result.problem);
      else {
        for (const [i, task] of tasksOfJob.get(id)!.entries()) {
          const matrix = result.matrices[i];
          rows.place(id, task, matrix);
          if (store)
            unwritten.push({ sha256: clips[id].sha256, key: keys[task.version][task.feature], matrix });
        }
        if (++clipsUnwritten >= clipsInShard) await flush();
      }
      report(failed.size);
    });
  } finally {
    await flush();
  }
  return {
    ...rows.without(failed),
    clips: clips.filter((_, i) => !failed.has(i)),
    versions: Object.keys(config.versions),
    columns: columnNames(config),
    failed: [...failed].sort(([a], [b]) => a - b).map(([i, reason]) => ({ path: clips[i].path, reason })),
    config,
  };
}

function groupByContent(clips: readonly { sha256: string }[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [i, { sha256 }] of clips.entries()) groups.set(sha256, [...(groups.get(sha256) ?? []), i]);
  return groups;
}

function progressOf(
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
