import { join } from 'node:path';
import {
  type Clip,
  formatCount,
  formatLeftOut,
  groupBy,
  InvalidArgumentError,
  leftOutOf,
  WorkbenchError,
} from '../../core/base';
import type { ExperimentConfig } from '../../core/config';
import {
  allTasks,
  columnNames,
  createRows,
  featureConfig,
  type FeatureConfig,
  type FeatureSet,
  type FeatureTask,
  frameCount,
} from '../../core/features';
import { corporaFor, type Corpora } from '../corpora';
import { paths, runDefaults, waitForLock } from '../files';
import { loadFrontEnd } from './load-kernel';
import { openRowFile, rowsIdentity, type RowWriter, type SetRows, writeRowFile } from './row-file';
import { type ExtractProgress, progressReporter, runJobs } from './jobs';
import { featureKeys, openCache, type StoredFeature } from './store';
import type { ClipJob, ClipResult } from './worker';

/** Options of {@link extractFeatures}. */
export interface ExtractOptions {
  /** number of threads, at least 1; it does not affect the result; default: the number of processors, as far as the memory
   * suffices */
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
 * Memory: the result (12,162 clips × 4 versions × 108 frames × 22 coefficients × 4 bytes = 462 MB) and about 60 MB per worker. Experiments
 * read rows that do not fit in memory from disk; this function does not.
 *
 * @param corpora - the result of `loadCorpora`, or some of its clips
 * @param changes - differences from the paper's configuration
 * @returns rows in the order of the clips
 * @throws {@link InvalidArgumentError} if an option is invalid
 * @throws {@link WorkbenchError} if the features exceed the memory of an array (17 GB)
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
  const config = checkedConfig(changes, options);
  const values = valuesOf(clips, config);
  if (values > maxValues)
    throw new WorkbenchError(
      `the features of ${formatCount(clips.length)} clips are ${formatCount(values)} numbers; an array has at most ` +
        `${formatCount(maxValues)}; extract them in parts, or run an experiment, which reads them from disk`,
    );
  const rows = createRows(clips, config);
  const { failed } = await collect({ clips, fileOf }, config, rows, options);
  return setOf(clips, config, failed, rows.without(failed));
}

/** The longest array. */
const maxValues = 2 ** 32 - 1;

/** Number of values of the features of clips. */
function valuesOf(clips: readonly unknown[], config: FeatureConfig): number {
  return clips.length * Object.keys(config.versions).length * frameCount(config) * columnNames(config).length;
}

function checkedConfig(changes: Partial<FeatureConfig>, { workers, signal }: ExtractOptions): FeatureConfig {
  if (workers !== undefined && !(Number.isSafeInteger(workers) && workers >= 1))
    throw new InvalidArgumentError('workers', 'a positive integer', workers);
  const config = featureConfig(changes);
  signal?.throwIfAborted();
  return config;
}

/** Reads features from the store, or computes them. */
async function collect(
  { clips, fileOf }: Pick<Corpora, 'clips' | 'fileOf'>,
  config: FeatureConfig,
  rows: RowWriter,
  options: ExtractOptions,
): Promise<{ failed: Map<number, string> }> {
  const {
    workers = runDefaults().extractionWorkers,
    onProgress,
    signal,
    onWarning = console.error,
  } = options;
  const { store: directory = join(paths.cache, 'features') } = options;
  const tasks = allTasks(config);
  const keys = featureKeys(config, (await loadFrontEnd()).name);
  const store = await openCache(directory, {
    signal,
    onWarning: (problem) => {
      onWarning(`${problem}; the extraction continues without storing its features`);
    },
  });

  const tasksOf = groupBy(tasks.keys(), (i) => keys[tasks[i].version][tasks[i].feature]);
  // Flat arrays, because a million clips have fifteen million features. Clips with the same content form a chain.
  const isPlaced = new Uint8Array(clips.length * tasks.length);
  const nextClip = new Int32Array(clips.length).fill(-1);
  const firstClip = new Map<string, number>();
  for (let i = clips.length - 1; i >= 0; i--) {
    nextClip[i] = firstClip.get(clips[i].sha256) ?? -1;
    firstClip.set(clips[i].sha256, i);
  }
  await store.read(
    ({ sha256, key }) => {
      const clip = firstClip.get(sha256);
      const task = tasksOf.get(key)?.[0];
      return clip !== undefined && task !== undefined && isPlaced[clip * tasks.length + task] === 0;
    },
    ({ sha256, key, matrix }) => {
      for (let clip = firstClip.get(sha256)!; clip >= 0; clip = nextClip[clip]) {
        for (const task of tasksOf.get(key)!) {
          rows.place(clip, tasks[task], matrix);
          isPlaced[clip * tasks.length + task] = 1;
        }
      }
    },
    signal,
  );

  const tasksOfJob = (id: number): FeatureTask[] =>
    tasks.filter((_, task) => isPlaced[id * tasks.length + task] === 0);
  const ids = Int32Array.from(clips.keys()).filter((id) => tasksOfJob(id).length > 0);
  const jobs = {
    length: ids.length,
    at: (i: number): ClipJob => {
      const clip = clips[ids[i]];
      const { sha256, channel } = clip;
      return { id: ids[i], file: fileOf(clip), sha256, channel, tasks: tasksOfJob(ids[i]) };
    },
  };
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
        for (const [i, task] of tasksOfJob(id).entries()) {
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
  return { failed };
}

function setOf(
  clips: readonly Clip[],
  config: FeatureConfig,
  failed: ReadonlyMap<number, string>,
  rows: SetRows,
): FeatureSet {
  const sorted = [...failed].sort(([a], [b]) => a - b);
  return {
    ...rows,
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
 * {@link extractFeatures} with the corpora and feature options of an experiment. Rows that do not fit in memory stay in a file in
 * `data/cache/rows`, which the next run with the same clips and options uses again.
 *
 * @throws {@link WorkbenchError} if none of the recordings could be used
 * @throws the signal's reason if it is aborted
 */
export async function experimentFeatures(
  corpora: Corpora,
  config: Pick<ExperimentConfig, 'corpora' | 'labels' | 'features'>,
  { signal, onFeatures }: { signal?: AbortSignal; onFeatures?: (progress: ExtractProgress) => void } = {},
): Promise<FeatureSet> {
  const chosen = corporaFor(corpora, config);
  const options = { onProgress: onFeatures, signal };
  const bytes = 4 * valuesOf(chosen.clips, featureConfig(config.features));
  const isOnDisk = bytes > Math.min(runDefaults().rowMemory, 4 * maxValues);
  const set = await (isOnDisk ? featuresOnDisk : extractFeatures)(chosen, config.features, options);
  if (set.clips.length > 0) return set;
  throw new WorkbenchError(`none of the recordings could be used: ${formatLeftOut(set.leftOut, 1)[0]}`);
}

/** {@link extractFeatures} with rows that are read from disk. */
export async function featuresOnDisk(
  { clips, fileOf }: Pick<Corpora, 'clips' | 'fileOf'>,
  changes: Partial<FeatureConfig>,
  options: ExtractOptions & { /** folder of the rows; default `data/cache/rows` */ rows?: string } = {},
): Promise<FeatureSet> {
  const config = checkedConfig(changes, options);
  const keys = featureKeys(config, (await loadFrontEnd()).name);
  const path = join(options.rows ?? join(paths.cache, 'rows'), `${rowsIdentity(clips, keys)}.rows`);
  const ready = openRowFile(path);
  if (ready?.failed.length === 0) return setOf(clips, config, new Map(), ready.rows);
  const lock = await waitForLock(`${path}.lock`, options);
  try {
    const found = openRowFile(path);
    if (found) {
      // Files that could not be used before may have been repaired.
      const again = found.failed.map((i) => clips[i]);
      const { failed } = await extractFeatures({ clips: again, fileOf }, changes, options);
      const reasons = new Map(found.failed.map((i, k) => [i, failed.at(k)?.reason ?? '']));
      if (failed.length === again.length) return setOf(clips, config, reasons, found.rows);
    }
    let failed = new Map<number, string>();
    await writeRowFile(path, clips.length, config, async (writer) => {
      ({ failed } = await collect({ clips, fileOf }, config, writer, options));
      return failed;
    });
    const written = openRowFile(path);
    if (!written) throw new WorkbenchError(`${path}: the file was damaged while it was written; run again`);
    return setOf(clips, config, failed, written.rows);
  } finally {
    lock.release();
  }
}

/**
 * The clips with features that are not in the store, each recording once.
 *
 * @param store - folder; default `data/cache/features`
 */
export async function clipsToExtract(
  clips: readonly Clip[],
  changes: Partial<FeatureConfig>,
  { store: directory = join(paths.cache, 'features'), signal }: { store?: string; signal?: AbortSignal } = {},
): Promise<Clip[]> {
  const keys = new Set(featureKeys(featureConfig(changes), (await loadFrontEnd()).name).flat());
  const missing = new Map(clips.map((clip) => [clip.sha256, { clip, keys: new Set(keys) }]));
  const store = await openCache(directory, { signal });
  await store.read(
    ({ sha256, key }) => {
      missing.get(sha256)?.keys.delete(key);
      return false; // the numbers are not needed
    },
    () => undefined,
    signal,
  );
  return [...missing.values()].flatMap((one) => (one.keys.size > 0 ? [one.clip] : []));
}

/** Computed clips are written to the store in shards of this size; a killed process loses at most one shard. */
const clipsPerShard = 64;
