import { join } from 'node:path';
import type { Clip } from '../../core/base';
import { byMeasure, profileMeasures, type RecordingProfile } from '../../core/features';
import type { Corpora } from '../corpora';
import { paths, runDefaults } from '../files';
import type { ClipValue, ClipValueJob, ClipValueResult } from './clip-worker';
import { type ExtractProgress, progressReporter, runJobs } from './jobs';
import { type FeatureCache, openCache, type StoredFeature } from './store';

/** Options of {@link recordingProfiles}. */
export interface RecordingProfilesOptions {
  signal?: AbortSignal;
  /** called after each recording that is measured */
  onFeatures?: (progress: ExtractProgress) => void;
  /** folder of the stored profiles, or false for none; default `data/cache/profiles` */
  store?: string | false;
}

/** Incremented when the numbers of a profile change. */
const profileVersion = 1;

/** Several experiments on the same clips, for example one per protocol, read the profiles once. */
const known = new WeakMap<readonly Clip[], Map<string, RecordingProfile>>();

/**
 * Measures level, noise, bandwidth and duration of recordings. The profiles are stored on disk.
 *
 * @returns profiles by SHA-256; files that cannot be read have none
 * @throws the signal's reason if it is aborted
 */
export async function recordingProfiles(
  clips: readonly Clip[],
  { fileOf }: Pick<Corpora, 'fileOf'>,
  { signal, onFeatures, store = join(paths.cache, 'profiles') }: RecordingProfilesOptions = {},
): Promise<Map<string, RecordingProfile>> {
  const cached = known.get(clips);
  if (cached) return cached;
  const { values } = await valuesOfClips(clips, fileOf, await openCache(store, { signal }), {
    what: 'profile',
    key: `profile-${profileVersion}`,
    decode: (numbers) =>
      numbers.length === profileMeasures.length && numbers.every(Number.isFinite)
        ? byMeasure((_, position) => numbers[position])
        : undefined,
    signal,
    onProgress: onFeatures,
  });
  known.set(clips, values);
  return values;
}

/** Options of {@link valuesOfClips}. */
export interface ClipValuesOptions<Value> {
  /** what to compute */
  what: ClipValue;
  /** of the stored values; changes when the numbers change */
  key: string;
  /** the value of the worker's numbers; undefined if they are damaged */
  decode: (numbers: Float32Array) => Value | undefined;
  signal?: AbortSignal;
  /** called after each value that is computed */
  onProgress?: (progress: ExtractProgress) => void;
}

/** Number of values written at once; a killed process loses at most these. */
const valuesPerShard = 256;

/**
 * Computes a value of each recording on worker threads, or reads it from a store.
 *
 * @returns values by SHA-256, and the reasons why recordings have none
 * @throws the signal's reason if it is aborted
 */
export async function valuesOfClips<Value>(
  clips: readonly Clip[],
  fileOf: Corpora['fileOf'],
  store: FeatureCache,
  { what, key, decode, signal, onProgress }: ClipValuesOptions<Value>,
): Promise<{ values: Map<string, Value>; problems: Map<string, string> }> {
  const values = new Map<string, Value>();
  const problems = new Map<string, string>();
  const wanted = new Map(clips.map((clip) => [clip.sha256, clip]));
  await store.read(
    (entry) => entry.key === key && wanted.has(entry.sha256) && !values.has(entry.sha256),
    ({ sha256, matrix: { data } }) => {
      const value = decode(data);
      // The clip's own string, so that the entry's is not kept in memory.
      if (value !== undefined) values.set(wanted.get(sha256)!.sha256, value);
    },
    signal,
  );
  const missing = [...wanted.values()].filter(({ sha256 }) => !values.has(sha256));
  const jobs = missing.map((clip, id): ClipValueJob => {
    const { sha256, channel } = clip;
    return { id, file: fileOf(clip), sha256, channel };
  });
  const report = progressReporter(wanted.size, jobs.length, onProgress);
  let unwritten: StoredFeature[] = [];
  const flush = async (): Promise<void> => {
    const batch = unwritten;
    unwritten = [];
    await store.write(batch);
  };
  try {
    const options = { workers: runDefaults().extractionWorkers, signal };
    await runJobs('clip-worker', what, jobs, options, async (result: ClipValueResult) => {
      const { sha256 } = missing[result.id];
      const value = 'problem' in result ? undefined : decode(result.numbers);
      if ('problem' in result) problems.set(sha256, result.problem);
      else if (value === undefined) problems.set(sha256, `its ${what} cannot be computed`);
      else {
        const { numbers: data } = result;
        values.set(sha256, value);
        unwritten.push({ sha256, key, matrix: { data, shape: [data.length, 1] } });
        if (unwritten.length >= valuesPerShard) await flush();
      }
      report(problems.size);
    });
  } finally {
    await flush();
  }
  return { values, problems };
}
