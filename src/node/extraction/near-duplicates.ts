import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Clip, formatCount, groupBy, leftOutOf } from '../../core/base';
import {
  type AudioFingerprint,
  copyKinds,
  decodeFingerprint,
  type DuplicateSearch,
  effortFor,
  type FingerprintedClip,
  fingerprintVersion,
  type NearDuplicate,
  type SearchEffort,
  searchDuplicates,
  startDuplicateSearch,
  thoroughClips,
} from '../../core/dataset';
import type { Matrix } from '../../core/dsp';
import type { FeatureSet } from '../../core/features';
import type { Corpora } from '../corpora';
import { paths } from '../files';
import { valuesOfClips } from './clip-values';
import type { ExtractProgress } from './jobs';
import { type FeatureCache, openCache } from './store';

/** Options of {@link findNearDuplicates}. */
export interface DuplicateSearchOptions {
  signal?: AbortSignal;
  /** called after each fingerprint that is computed */
  onFeatures?: (progress: ExtractProgress) => void;
  /** folder of the stored fingerprints, or false for none; default `data/cache/fingerprints` */
  store?: string | false;
  /** clips whose complete fingerprints may be in memory; those of more clips are read again from the store; default 20,000 */
  clipsInMemory?: number;
  /** default: thorough for at most 20,000 clips, otherwise quick */
  effort?: SearchEffort;
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
  const { clipsInMemory = thoroughClips, effort = effortFor(clips) } = options;
  const tooMany = sizeProblem(clips);
  if (tooMany !== undefined) return notSearched(clips, tooMany);
  const isComplete = clips.length <= clipsInMemory;
  const store = await openCache(directory, {
    signal,
    maxBytes: Math.max(maxStoreBytes, 2 * fingerprintBytes * durationOf(clips)),
  });
  const { values: fingerprints, problems } = await valuesOfClips<AudioFingerprint>(clips, fileOf, store, {
    what: 'fingerprint',
    key: fingerprintKey,
    decode: isComplete ? decode : firstVersions(),
    signal,
    onProgress: options.onFeatures,
  });
  const compared = clips.flatMap(({ path, sha256 }): FingerprintedClip[] => {
    const fingerprint = fingerprints.get(sha256);
    return fingerprint ? [{ path, sha256, fingerprint }] : [];
  });
  const missing = clips.filter(({ sha256 }) => !fingerprints.has(sha256));
  const found: DuplicateSearch = {
    pairs: await pairsAmong(compared, store, { isComplete, effort, signal }),
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
    ...(effort === 'quick' && { isQuick: true }),
  };
  known.set(clips, found);
  return found;
}

const fingerprintKey = `fingerprint-${fingerprintVersion}`;

const decode = ({ buffer, byteOffset, length }: Float32Array): AudioFingerprint | undefined =>
  decodeFingerprint(new Uint32Array(buffer, byteOffset, length));

/** Codes that are stored in one array. */
const codesAtOnce = 2 ** 20;

/** Decodes fingerprints and copies the version that the index needs. Many clips share an array: small ones take time and memory. */
function firstVersions(): typeof decode {
  let free = new Uint32Array();
  return (numbers) => {
    const first = decode(numbers)?.versions[0];
    if (!first) return undefined;
    const { length } = first.codes;
    if (length > free.length) free = new Uint32Array(Math.max(length, codesAtOnce));
    const codes = free.subarray(0, length);
    free = free.subarray(length);
    codes.set(first.codes);
    return { versions: [{ kind: first.kind, codes }] };
  };
}

/** Size of the fingerprint, and of its entry in the index, per second of a recording. */
const fingerprintBytes = 6200;
const indexBytes = 3500;

const durationOf = (clips: readonly Clip[]): number =>
  clips.reduce((sum, { durationSec }) => sum + durationSec, 0);

/** Why the index does not fit in memory; undefined if it does. */
function sizeProblem(clips: readonly Clip[]): string | undefined {
  const bytes = indexBytes * durationOf(clips);
  if (clips.length <= thoroughClips || bytes <= maxIndexBytes) return undefined;
  const hours = (seconds: number): string => `${formatCount(Math.floor(seconds / 3600))} h`;
  return `the recordings are longer (${hours(durationOf(clips))}) than the search can hold in memory (${hours(maxIndexBytes / indexBytes)})`;
}

function notSearched(clips: readonly Clip[], reason: string): DuplicateSearch {
  const found: DuplicateSearch = {
    pairs: [],
    notCompared: leftOutOf(
      'clips not searched for near duplicates',
      clips.map(({ path, emotion, speaker }) => ({ name: path, reason, emotion, speaker })),
    ),
    notComparedPaths: clips.map(({ path }) => path),
  };
  known.set(clips, found);
  return found;
}

/** The pairs among clips, from the store if the same clips were searched before. */
async function pairsAmong(
  clips: readonly FingerprintedClip[],
  store: FeatureCache,
  { isComplete, effort, signal }: { isComplete: boolean; effort: SearchEffort; signal?: AbortSignal },
): Promise<NearDuplicate[]> {
  const hash = createHash('sha256');
  for (const { path, sha256 } of clips) hash.update(`${sha256} ${path}\n`);
  const sha256 = hash.digest('hex');
  const forced = effort === effortFor(clips) ? '' : `-${effort}`;
  const key = `pairs-${fingerprintVersion}${forced}`;
  let stored: Matrix | undefined;
  await store.read(
    (entry) => !stored && entry.key === key && entry.sha256 === sha256,
    ({ matrix }) => {
      stored = matrix;
    },
    signal,
  );
  const matrix =
    stored ?? matrixOf(await (isComplete ? runSearch : searchFrom)(clips, { store, effort, signal }), clips);
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

interface SearchOptions {
  store: FeatureCache;
  effort: SearchEffort;
  signal?: AbortSignal;
}

async function runSearch(
  clips: readonly FingerprintedClip[],
  { effort, signal }: SearchOptions,
): Promise<NearDuplicate[]> {
  const search = searchDuplicates(clips, effort);
  for (let next = performance.now() + sliceMs; ;) {
    const step = search.next();
    if (step.done) return step.value;
    if (performance.now() < next) continue;
    await setImmediate();
    signal?.throwIfAborted();
    next = performance.now() + sliceMs;
  }
}

/** {@link runSearch} with fingerprints that are read from the store again. */
async function searchFrom(
  clips: readonly FingerprintedClip[],
  { store, effort, signal }: SearchOptions,
): Promise<NearDuplicate[]> {
  const search = startDuplicateSearch(clips, effort);
  const waiting = groupBy(clips.keys(), (i) => clips[i].sha256);
  const lookUp = (sha256: string, fingerprint: AudioFingerprint): void => {
    for (const i of waiting.get(sha256)!) search.lookUp(i, fingerprint);
    waiting.delete(sha256);
  };
  await store.read(
    ({ sha256, key }) => key === fingerprintKey && waiting.has(sha256),
    ({ sha256, matrix: { data } }) => {
      const fingerprint = decode(data);
      if (fingerprint) lookUp(sha256, fingerprint);
    },
    signal,
  );
  // Without a store there are only the first versions.
  for (const [sha256, [first]] of [...waiting]) lookUp(sha256, clips[first].fingerprint);
  return search.pairs();
}

/** Memory for the index of the search. */
const maxIndexBytes = 2e9;
/** The stored fingerprints are deleted when they exceed this, and twice the size of those needed. */
const maxStoreBytes = 2e9;
