import { formatCount, formatLeftOut, type LeftOut } from '../base';
import {
  type AudioFingerprint,
  type CopyKind,
  cumulativeCounts,
  hopSec,
  popCount,
  wordsInFrame,
} from './audio-fingerprint';
import {
  createIndex,
  cumulativeDifferences,
  hashOf,
  hasPatch,
  keyAt,
  keyBits,
  type PatchIndex,
  similarKeys,
  uncertainBits,
} from './patch-index';

/** A clip to be compared. */
export interface FingerprintedClip {
  path: string;
  sha256: string;
  fingerprint: AudioFingerprint;
}

/** Two clips that contain the same recording, in whole or in part. */
export interface NearDuplicate {
  /** in ascending order */
  paths: [string, string];
  /** position of the same sound in the second clip minus its position in the first, s */
  offsetSec: number;
  /** 0 to 1: agreement of the peaks and valleys of the spectra in the overlap */
  similarity: number;
  /** duration of the overlap, s */
  overlapSec: number;
  /** whether one of the clips was compared as it is, shifted in pitch or stretched in time */
  kind: CopyKind;
}

/** Near duplicates among clips, and the clips that could not be compared. */
export interface DuplicateSearch {
  pairs: readonly NearDuplicate[];
  /** with the reasons; empty if all clips were compared */
  notCompared: readonly LeftOut[];
  notComparedPaths: readonly string[];
  /** searched with the quick effort of more than 20,000 clips, which finds fewer copies */
  isQuick?: boolean;
}

/** `quick`: in a time per clip that does not depend on their number; finds fewer copies. */
export type SearchEffort = 'thorough' | 'quick';

/** How thoroughly the index is searched. */
interface Effort {
  /** hop between patches that are looked up, frames; the index contains the patches at all frames */
  queryStep: number;
  /** hash buckets with more patches than this are skipped: such keys are too common to be evidence */
  maxPatchesOfKey: number;
  /** number of keys of a patch that are looked up: its own, and those with the least certain bits inverted */
  keysOfPatch: number;
}

/** Largest number of clips that are searched with the full effort: its time grows faster than the number of clips. */
export const thoroughClips = 20_000;
/** The effort that fits the number of clips. */
export const effortFor = ({ length }: readonly unknown[]): SearchEffort =>
  length > thoroughClips ? 'quick' : 'thorough';
const thorough: Effort = { queryStep: 2, maxPatchesOfKey: 4000, keysOfPatch: 2 ** uncertainBits };
/** The time of a clip does not depend on their number. */
const quick: Effort = { queryStep: 2, maxPatchesOfKey: 30, keysOfPatch: 2 };
/** Minimum number of equal keys at the same offset for a candidate, and maximum number of candidates per version of a clip. */
const minHits = 3;
const maxCandidates = 60;
/** Maximum error of the offset of a candidate, frames. */
const slack = 2;

/**
 * Minimum agreement of a pair: share of equal minus share of opposite bands among those with a peak or valley in both clips. In the
 * four corpora, identical recordings have .99 or more (also with noise 10 dB below), different takes of a sentence .957 or less.
 */
const minAgreement = 0.97;
/** Minimum similarity of a pair. */
const minSimilarity = 0.7;
/** Minimum number of bands with a peak or valley in both clips. */
const minCommon = 200;
/** Minimum share of peaks and valleys in the overlap, for the clip that has fewer of them. */
const minShare = 0.3;

/**
 * Finds clips that contain the same recording, even if one is cut, amplified, filtered, stored in another format or at another rate,
 * noisy, pitch-shifted as in the paper, or time-stretched with a rate of 0.8.
 *
 * Keys that describe a third of a second of a fingerprint are looked up in an index of all clips (Haitsma and Kalker; the least
 * certain bits are also looked up inverted). Clips that share several keys at the same offset are then compared in full, as in a
 * cross-correlation of their spectra at that offset. Clips with identical bytes are omitted.
 *
 * @returns the pairs, sorted by path; the generator yields the number of clips that have been looked up
 * @see Haitsma and Kalker (2002), A highly robust audio fingerprinting system, ISMIR; Ke, Hoiem and Sukthankar (2005), Computer
 *   vision for music identification, CVPR; Ellis and Poliner (2007), Identifying cover songs with chroma features, ICASSP
 */
export function* searchDuplicates(
  clips: readonly FingerprintedClip[],
  effort = effortFor(clips),
): Generator<number, NearDuplicate[]> {
  const search = startDuplicateSearch(clips, effort);
  for (const [i, { fingerprint }] of clips.entries()) {
    search.lookUp(i, fingerprint);
    yield i + 1;
  }
  return search.pairs();
}

/** A search among clips that are looked up one after the other. */
export interface RunningSearch {
  /**
   * Looks up a clip among all clips.
   *
   * @param clip - its position
   */
  lookUp(clip: number, fingerprint: AudioFingerprint): void;
  /** the pairs found so far, sorted by path */
  pairs(): NearDuplicate[];
}

/**
 * {@link searchDuplicates} for clips whose fingerprints are not all in memory: only the first version of each is needed for the index.
 *
 * @param effort - default: thorough for at most 20,000 clips, otherwise quick
 */
export function startDuplicateSearch(
  clips: readonly FingerprintedClip[],
  effort = effortFor(clips),
): RunningSearch {
  const index = createIndex(clips.map(({ fingerprint }) => fingerprint.versions[0].codes));
  const tally = createTally();
  const limits = effort === 'quick' ? quick : thorough;
  const best = new Map<string, NearDuplicate>();
  const lookUp: RunningSearch['lookUp'] = (a, fingerprint) => {
    const { path, sha256 } = clips[a];
    for (const { kind, codes } of fingerprint.versions) {
      const query: Query = { codes, counts: cumulativeCounts(codes), clip: a, isSymmetric: kind === 'same' };
      for (const { clip, diagonal } of candidatesOf(query, index, tally, limits)) {
        if (clips[clip].sha256 === sha256) continue;
        const found = bestAlignment(query, index, clip, diagonal - index.starts[clip]);
        if (!found) continue;
        const isOrdered = path < clips[clip].path;
        const paths: [string, string] = isOrdered ? [path, clips[clip].path] : [clips[clip].path, path];
        const key = paths.join('\n');
        if ((best.get(key)?.similarity ?? 0) >= found.similarity) continue;
        best.set(key, {
          paths,
          offsetSec: (isOrdered ? found.lag : -found.lag) * hopSec,
          similarity: found.similarity,
          overlapSec: found.frames * hopSec,
          kind,
        });
      }
    }
  };
  return {
    lookUp,
    pairs: () => [...best].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair),
  };
}

/** The parts of a {@link DuplicateSearch} that splits and audits use. */
export type KnownDuplicates = Partial<Omit<DuplicateSearch, 'pairs'>> & {
  pairs: readonly Pick<NearDuplicate, 'paths'>[];
};

/** What an audit states about the search: clips that could not be compared, and its sensitivity. */
export function searchNotes({
  notCompared,
  isQuick = false,
}: Pick<KnownDuplicates, 'notCompared' | 'isQuick'>): string[] {
  if (!notCompared) return [];
  return [...formatLeftOut(notCompared), isQuick ? quickSensitivity : sensitivity];
}

/** Measured with `npm run bench -- duplicates`. */
const sensitivity =
  'near-duplicate search: at least 95 % of planted copies were found (cut, amplified, MP3, µ-law, 8 kHz, noise 20 dB below, pitch ' +
  '+0.7 semitones, stretch 0.8), 76 % with noise 10 dB below, almost none with other shifts or stretches';

/** For 200,000 clips, keys with more than 2 instead of 30 patches were skipped among 12,000 clips. */
const quickSensitivity =
  `quick near-duplicate search, because there are more than ${formatCount(thoroughClips)} clips: of 60 planted copies it found 60 among ` +
  "13,500 clips (cut, amplified, µ-law, 8 kHz; MP3 60, noise 20 dB below 60, the paper's noise 51, excerpts of 1 s 55), and 57 in a simulation " +
  "of 200,000 clips (MP3 41, noise 20 dB below 46, the paper's noise 32, excerpts of 1 s 25)";

/** A version of a clip that is looked up. */
interface Query {
  codes: Uint32Array;
  /** number of peaks and valleys before each frame */
  counts: Uint32Array;
  clip: number;
  /** the versions compared are of the same kind, so that each pair needs to be looked up once */
  isSymmetric: boolean;
}

/** A hash table that counts equal keys by clip and diagonal (position in the index minus position in the query). */
interface Tally {
  clips: Int32Array;
  diagonals: Int32Array;
  hits: Int32Array;
  /** cells in use */
  used: Int32Array;
}

/** A query has about ten thousand diagonals at most; further ones are dropped. */
const maxTallyBits = 18;
const tallySize = 1 << maxTallyBits;

const createTally = (): Tally => ({
  clips: new Int32Array(tallySize),
  diagonals: new Int32Array(tallySize),
  hits: new Int32Array(tallySize),
  used: new Int32Array(tallySize / 2),
});

interface Candidate {
  clip: number;
  diagonal: number;
  hits: number;
}

/** Clips that share keys with the query at the same offset, those with the most keys first. */
function candidatesOf(
  { codes, counts, clip: own, isSymmetric }: Query,
  { buckets, keys, frames, clipOfFrame, shift }: PatchIndex,
  { clips, diagonals, hits, used }: Tally,
  { queryStep, maxPatchesOfKey, keysOfPatch }: Effort,
): Candidate[] {
  const sums = cumulativeDifferences(codes);
  const values = new Int32Array(keyBits);
  const wanted = new Int32Array(keysOfPatch);
  // A short query uses few cells, which stay in the processor's cache.
  const patches = Math.ceil((counts.length - 1) / queryStep);
  const most = 2 * patches * keysOfPatch * maxPatchesOfKey;
  const tallyShift = Math.max(32 - maxTallyBits, Math.clz32(most));
  const mask = (1 << (32 - tallyShift)) - 1;
  let count = 0;
  for (let frame = 0; frame < counts.length - 1; frame += queryStep) {
    if (!hasPatch(counts, frame)) continue;
    similarKeys(keyAt(sums, frame, values), values, wanted);
    for (let k = 0; k < keysOfPatch; k++) {
      const key = wanted[k];
      const bucket = hashOf(key, shift);
      const end = buckets[bucket + 1];
      if (end - buckets[bucket] > maxPatchesOfKey) continue;
      for (let i = buckets[bucket]; i < end; i++) {
        if (keys[i] !== key) continue;
        const clip = clipOfFrame[frames[i]];
        if (clip === own || (isSymmetric && clip < own)) continue;
        const diagonal = frames[i] - frame;
        let cell = Math.imul(diagonal + 31 * clip, 0x9e3779b1) >>> tallyShift;
        while (hits[cell] > 0 && (diagonals[cell] !== diagonal || clips[cell] !== clip))
          cell = (cell + 1) & mask;
        if (hits[cell] === 0) {
          if (count === used.length) continue;
          used[count++] = cell;
          clips[cell] = clip;
          diagonals[cell] = diagonal;
        }
        hits[cell]++;
      }
    }
  }
  const found: Candidate[] = [];
  for (const cell of used.subarray(0, count)) {
    if (hits[cell] >= minHits) found.push({ clip: clips[cell], diagonal: diagonals[cell], hits: hits[cell] });
    hits[cell] = 0;
  }
  return found.sort((a, b) => b.hits - a.hits).slice(0, maxCandidates);
}

interface Alignment {
  agreement: number;
  similarity: number;
  /** position in the clip minus position in the query, frames */
  lag: number;
  /** length of the overlap */
  frames: number;
}

/** The alignment with the highest similarity; undefined if it does not indicate a copy. */
function bestAlignment(query: Query, index: PatchIndex, clip: number, offset: number): Alignment | undefined {
  let best: Alignment | undefined;
  for (let lag = offset - slack; lag <= offset + slack; lag++) {
    const found = alignmentAt(query, index, clip, lag);
    if (found && found.similarity > (best?.similarity ?? 0)) best = found;
  }
  return best && best.agreement >= minAgreement && best.similarity >= minSimilarity ? best : undefined;
}

/** Compares a query with a clip at a lag; undefined if they have too little in common there. */
function alignmentAt(
  { codes, counts }: Query,
  { codes: others, counts: otherCounts, starts }: PatchIndex,
  clip: number,
  lag: number,
): Alignment | undefined {
  const frames = counts.length - 1;
  const [first, end] = [starts[clip], starts[clip + 1]];
  const from = Math.max(0, -lag);
  const to = Math.min(frames, end - first - lag);
  if (to <= from) return undefined;
  const shift = first + lag;
  const own = counts[to] - counts[from];
  const other = otherCounts[to + shift] - otherCounts[from + shift];
  const least = minShare * Math.min(counts[frames], otherCounts[end] - otherCounts[first]);
  if (own < least || other < least) return undefined;
  let [equal, opposite] = [0, 0];
  const distance = shift * wordsInFrame;
  for (let frame = from; frame < to; frame++) {
    for (let half = 0; half < 2; half++) {
      const i = frame * wordsInFrame + half;
      const [peaks, valleys] = [codes[i], codes[i + 2]];
      const [otherPeaks, otherValleys] = [others[i + distance], others[i + distance + 2]];
      equal += popCount((peaks & otherPeaks) | (valleys & otherValleys));
      opposite += popCount((peaks & otherValleys) | (valleys & otherPeaks));
    }
  }
  const common = equal + opposite;
  if (common < minCommon) return undefined;
  // Noise removes peaks and valleys from one clip: the geometric mean lies between those in common and those in either clip.
  const similarity = (equal - opposite) / Math.sqrt(common * Math.sqrt(own * other));
  return { agreement: (equal - opposite) / common, similarity, lag, frames: to - from };
}
