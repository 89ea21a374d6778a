import { join } from 'node:path';
import type { Clip } from '../../core/base';
import { byMeasure, type RecordingProfile } from '../../core/features';
import type { Corpora } from '../corpora';
import { paths } from '../files';
import { valuesOfClips } from './clip-values';
import type { ExtractProgress } from './extract-features';
import { openCache } from './store';

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
    decode: (numbers) => byMeasure((_, position) => numbers[position]),
    signal,
    onProgress: onFeatures,
  });
  known.set(clips, values);
  return values;
}
