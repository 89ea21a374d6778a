import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Clip, leftOutOf } from '../../core/base';
import {
  type AudioFingerprint,
  copyKinds,
  decodeFingerprint,
  type DuplicateSearch,
  type FingerprintedClip,
  fingerprintVersion,
  type NearDuplicate,
  searchDuplicates,
} from '../../core/dataset';
import type { Matrix } from '../../core/dsp';
import type { FeatureSet } from '../../core/features';
import type { Corpora } from '../corpora';
import { paths } from '../files';
import { valuesOfClips } from './clip-values';
import type { ExtractProgress } from './extract-features';
import { type FeatureCache, openCache } from './store';

/** Options of {@link findNearDuplicates}. */
export interface DuplicateSearchOptions {
  signal?: AbortSignal;
  /** called after each fingerprint that is computed */
  onFeatures?: (progress: ExtractProgress) => void;
  /** folder of the stored fingerprints, or false for none; default `data/cache/fingerprints` */
  store?: string | false;
}

const known = new WeakMap<readonly Clip[], DuplicateSearch>();

/**
 * Finds recordings that contain the same audio among the clips of a feature set. Compares the whole recordings, whatever the features
 * and windows of the set; the files must still exist. Fingerprints and result are stored on disk.
 *
 * @throws the signal's reason if it is aborted
 */
export async function findNearDuplicates(
  { clips }: Pick<FeatureSet, 'clips'>,
  { fileOf }: Pick<Corpora, 'fileOf'>,
  options: DuplicateSearchOptions = {},
): Promise<DuplicateSearch> {
  const cached = known.get(clips);
  if (cached) return cached;
  const { signal, store: directory = join(paths.cache, 'fingerprints') } = options;
  const store = await openCache(directory, { signal, maxBytes: maxStoreBytes });
  const { values: fingerprints, problems } = await valuesOfClips<AudioFingerprint>(clips, fileOf, store, {
    what: 'fingerprint',
    key: `fingerprint-${fingerprintVersion}`,
    decode: ({ buffer, byteOffset, length }) =>
      decodeFingerprint(new Uint32Array(buffer, byteOffset, length)),
    signal,
    onProgress: options.onFeatures,
  });
  const compared = clips.flatMap(({ path, sha256 }): FingerprintedClip[] => {
    const fingerprint = fingerprints.get(sha256);
    return fingerprint ? [{ path, sha256, fingerprint }] : [];
  });
  const missing = clips.filter(({ sha256 }) => !fingerprints.has(sha256));
  const found: DuplicateSearch = {
    pairs: await pairsAmong(compared, store, signal),
    notCompared: leftOutOf(
      'clips not searched for near duplicates',
      missing.map(({ path, sha256, emotion, speaker }) => ({
        name: path,
        reason: problems.get(sha256) ?? 'unknown',
        emotion,
        speaker,
      })),
    ),
    notComparedPaths: missing.map(({ path }) => path),
  };
  known.set(clips, found);
  return found;
}

/** The pairs among clips, from the store if the same clips were searched before. */
async function pairsAmong(
  clips: readonly FingerprintedClip[],
  store: FeatureCache,
  signal?: AbortSignal,
): Promise<NearDuplicate[]> {
  const hash = createHash('sha256');
  for (const { path, sha256 } of clips) hash.update(`${sha256} ${path}\n`);
  const sha256 = hash.digest('hex');
  const key = `pairs-${fingerprintVersion}`;
  let stored: Matrix | undefined;
  await store.read(
    (entry) => !stored && entry.key === key && entry.sha256 === sha256,
    ({ matrix }) => {
      stored = matrix;
    },
    signal,
  );
  const matrix = stored ?? matrixOf(await runSearch(clips, signal), clips);
  if (!stored) await store.write([{ sha256, key, matrix }]);
  return pairsOf(matrix, clips);
}

/** Numbers of a pair: positions of the clips, offset, similarity, overlap, position of the kind. */
const numbersOfPair = 6;

function matrixOf(pairs: readonly NearDuplicate[], clips: readonly FingerprintedClip[]): Matrix {
  const positions = new Map(clips.map(({ path }, i) => [path, i]));
  const rows = pairs.map(({ paths, offsetSec, similarity, overlapSec, kind }) => [
    ...paths.map((path) => positions.get(path)!),
    ...[offsetSec, similarity, overlapSec, copyKinds.indexOf(kind)],
  ]);
  return { data: Float32Array.from(rows.flat()), shape: [pairs.length, numbersOfPair] };
}

const pairsOf = ({ data, shape: [count] }: Matrix, clips: readonly FingerprintedClip[]): NearDuplicate[] =>
  Array.from({ length: count }, (_, i) => {
    const [a, b, offsetSec, similarity, overlapSec, kind] = data.subarray(i * numbersOfPair);
    const paths: [string, string] = [clips[a].path, clips[b].path];
    return { paths, offsetSec, similarity, overlapSec, kind: copyKinds[kind] };
  });

/** Maximum time of searching between two turns of the event loop, ms. */
const sliceMs = 50;

async function runSearch(
  clips: readonly FingerprintedClip[],
  signal?: AbortSignal,
): Promise<NearDuplicate[]> {
  const search = searchDuplicates(clips);
  for (let next = performance.now() + sliceMs; ;) {
    const step = search.next();
    if (step.done) return step.value;
    if (performance.now() < next) continue;
    await setImmediate();
    signal?.throwIfAborted();
    next = performance.now() + sliceMs;
  }
}

/** The stored fingerprints are deleted when they exceed this, about 150,000 clips of 3 s. */
const maxStoreBytes = 2e9;
