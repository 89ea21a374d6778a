import { type Clip, InvalidArgumentError } from '../base';
import type { FeatureConfig, FeatureSet } from '../features';

/** Two clips that hold the same recording, in whole or in part. */
export interface NearDuplicate {
  /** of the two clips, in order */
  paths: [string, string];
  /** what is heard at a time in the first is heard so much later in the second, s, each from its window's start */
  offsetSec: number;
  /** correlation of their spectral changes where they overlap */
  similarity: number;
  /** s */
  overlapSec: number;
}

/** Equal fingerprints at one offset that make two clips worth comparing. */
const minHits = 3;
/** Different bits, of all, that are too many to go on comparing; unrelated clips differ in half. */
const maxBitErrors = 0.25;
/**
 * It separates on the four corpora: the pairs that are one recording, by a search through all pairs of clips of each speaker
 * for samples that correlate, are at .877 and above; the same sentence said twice in the same way is at .858 and below.
 */
const minSimilarity = 0.87;
/** s of sound that two clips must have in common: a quieter or shorter overlap can agree by chance. */
const minOverlapSec = 0.46;
/**
 * A frame in which fewer differences than this change by so much (dB) has no fingerprint: digital silence, or bands at the
 * floor of the log-mel spectrum, whose few other bits would agree with a great many frames.
 */
const [minChanging, minChangeDb] = [changesInFrame / 2, 0.1];

/**
 * Finds clips that are nearly the same audio: copies that were cut otherwise, made louder, or stored in another format.
 *
 * A 16-bit fingerprint of each frame says which of its bands' energy differences grow (Haitsma and Kalker). Clips that share
 * some at one time offset are then compared bit by bit, and last by the correlation of the differences themselves. Clips
 * with the same bytes are left out: they are known without it. All 12,162 take some seconds.
 *
 * It compares what the features hold, by default 2.5 s from 0.6 s on. Of 160 copies of each kind among the 12,162 it found
 * 158 or more of those that were cut elsewhere (by 3 to 300 ms), made quieter, stored as MP3, Ogg or µ-law or overlaid with
 * noise 40 dB below them; 135 of those at a lower sampling rate; 109 of those with noise 25 dB below. None was matched wrongly.
 *
 * @returns the pairs, in order of their paths
 * @throws InvalidArgumentError if the features have neither at least 20 MFCC nor at least 17 mel bands, or no original version
 * @see Haitsma and Kalker (2002), A highly robust audio fingerprinting system, ISMIR
 */
export function findNearDuplicates(set: FeatureSet): NearDuplicate[] {
  const { clips, config } = set;
  const hopSec = config.hopLength / config.sampleRate;
  const minOverlap = Math.ceil(minOverlapSec / hopSec);
  const changesOf = bandChanges(set);
  const prints = clips.map((_, clip) => fingerprints(changesOf(clip)));
  const found: NearDuplicate[] = [];
  forEachCandidate(prints, (a, offsets) => {
    const best = new Map<number, NearDuplicate>();
    for (const { b, offset } of offsets) {
      if (clips[a].sha256 === clips[b].sha256) continue;
      const start = Math.max(0, -offset);
      const count = Math.min(prints[a].length, prints[b].length - offset) - start;
      if (count < minOverlap || bitErrors(prints[a], prints[b], start, offset, count) > maxBitErrors)
        continue;
      const similarity = correlation(
        changesOf(a).subarray(start * changesInFrame, (start + count) * changesInFrame),
        changesOf(b).subarray((start + offset) * changesInFrame, (start + offset + count) * changesInFrame),
      );
      if (similarity < minSimilarity || similarity < (best.get(b)?.similarity ?? 0)) continue;
      const isOrdered = clips[a].path < clips[b].path;
      best.set(b, {
        paths: isOrdered ? [clips[a].path, clips[b].path] : [clips[b].path, clips[a].path],
        offsetSec: (isOrdered ? offset : -offset) * hopSec,
        similarity,
        overlapSec: count * hopSec,
      });
    }
    found.push(...best.values());
  });
  const key = ({ paths }: NearDuplicate): string => paths.join('\n');
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** 16 bits a frame: which differences grow. −1 where nothing changes. */
function fingerprints(changes: Float32Array): Int32Array {
  return Int32Array.from({ length: changes.length / changesInFrame }, (_, frame) => {
    let bits = 0;
    let changing = 0;
    for (let b = 0; b < changesInFrame; b++) {
      const change = changes[frame * changesInFrame + b];
      if (change > 0) bits |= 1 << b;
      if (Math.abs(change) >= minChangeDb) changing++;
    }
    return changing < minChanging ? -1 : bits;
  });
}

/** Calls back for each clip with the later clips, and the offsets, at which enough of their fingerprints are equal. */
function forEachCandidate(
  prints: readonly Int32Array[],
  visit: (a: number, offsets: { b: number; offset: number }[]) => void,
): void {
  const longest = prints.reduce((most, { length }) => Math.max(most, length), 0);
  const { starts, clips, frames } = indexPrints(prints);
  const width = 2 * longest + 1;
  // How many fingerprints agree with each clip at each offset; back to 0 after each clip.
  const hits = new Uint16Array(prints.length * width);
  for (const [a, own] of prints.entries()) {
    const touched: number[] = [];
    for (const [frame, print] of own.entries()) {
      if (print < 0) continue;
      for (let i = starts[print + 1] - 1; i >= starts[print] && clips[i] > a; i--) {
        const cell = clips[i] * width + frames[i] - frame + longest;
        if (++hits[cell] === minHits) touched.push(cell);
      }
    }
    visit(
      a,
      touched.map((cell) => ({ b: Math.floor(cell / width), offset: (cell % width) - longest })),
    );
    hits.fill(0, (a + 1) * width);
  }
}

/** Where each of the 65,536 fingerprints occurs: entries `starts[print]` to `starts[print + 1]`, in order of the clips. */
function indexPrints(prints: readonly Int32Array[]): {
  starts: Int32Array;
  clips: Int32Array;
  frames: Int32Array;
} {
  const starts = new Int32Array((1 << changesInFrame) + 1);
  for (const own of prints) for (const print of own) if (print >= 0) starts[print + 1]++;
  for (let print = 0; print < starts.length - 1; print++) starts[print + 1] += starts[print];
  const next = starts.slice();
  const total = starts.at(-1)!;
  const [clips, frames] = [new Int32Array(total), new Int32Array(total)];
  for (const [clip, own] of prints.entries()) {
    for (const [frame, print] of own.entries()) {
      if (print < 0) continue;
      clips[next[print]] = clip;
      frames[next[print]++] = frame;
    }
  }
  return { starts, clips, frames };
}

/** The part of the bits that differ, over the frames that have a fingerprint in both. */
function bitErrors(a: Int32Array, b: Int32Array, start: number, offset: number, count: number): number {
  let errors = 0;
  let bits = 0;
  for (let frame = start; frame < start + count; frame++) {
    const [x, y] = [a[frame], b[frame + offset]];
    if (x < 0 || y < 0) continue;
    for (let difference = x ^ y; difference !== 0; difference &= difference - 1) errors++;
    bits += changesInFrame;
  }
  return bits > 0 ? errors / bits : 1;
}

/** Pearson's. */
function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Differences between neighbouring bands, of 17 that the mel bands are gathered in. */
export const changesInFrame = 16;
const bands = changesInFrame + 1;

/** The paper's. With 13, other takes of a sentence are taken for copies: 44 pairs in the four corpora, of which 8 are. */
const minMfcc = 20;

/** Whether features hold what clips can be compared by. */
export const holdsBandChanges = ({ features, nMfcc, nMels }: FeatureConfig): boolean =>
  (features.includes('mfcc') && nMfcc >= minMfcc) || (features.includes('logMel') && nMels >= bands);

/** From one frame to the one that it is compared with. */
const strideSec = 0.093;

/** How the difference of two neighbouring bands follows from the columns of a frame. */
interface BandWeights {
  /** first column, and how many */
  first: number;
  width: number;
  /** shape [changesInFrame, width] */
  weights: Float64Array;
}

/**
 * How the shape of each clip's spectrum changes: of each frame of its original version, the energy differences (dB) between
 * neighbouring bands, less those 93 ms before. It does not depend on loudness. The bands come from the MFCC (which are the
 * log-mel spectrum's cosine transform, so that they give it back, smoothed), or from the log-mel bands themselves.
 *
 * @returns a function that gives a clip's changes, shape [frames − stride, 16]; nothing for a clip that is too short
 * @throws {@link InvalidArgumentError} if the set has neither at least 20 MFCC nor at least 17 mel bands, or no original
 *   version
 * @see Haitsma and Kalker (2002), A highly robust audio fingerprinting system, ISMIR: whose bits are the signs of these
 */
export function bandChanges(
  set: Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'versions' | 'columns' | 'config'>,
): (clip: number) => Float32Array {
  const { data, shape, frames, versions, config } = set;
  const [, , rowFrames, columns] = shape;
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'with one called original', versions);
  const { first, width, weights } = bandWeights(set.columns, config);
  const stride = Math.max(1, Math.round((strideSec * config.sampleRate) / config.hopLength));
  return (clip) => {
    const row = clip * versions.length + original;
    const differences = new Float64Array(frames[row] * changesInFrame);
    for (let frame = 0; frame < frames[row]; frame++) {
      const start = (row * rowFrames + frame) * columns + first;
      for (let b = 0; b < changesInFrame; b++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += weights[b * width + k] * data[start + k];
        differences[frame * changesInFrame + b] = sum;
      }
    }
    const lag = stride * changesInFrame;
    return Float32Array.from(
      { length: Math.max(0, differences.length - lag) },
      (_, i) => differences[i + lag] - differences[i],
    );
  };
}

function bandWeights(columns: readonly string[], config: FeatureConfig): BandWeights {
  const { features, nMfcc, nMels } = config;
  if (!holdsBandChanges(config)) {
    throw new InvalidArgumentError(
      'features',
      `with at least ${minMfcc} MFCC or ${bands} mel bands, to compare clips by`,
      features,
    );
  }
  if (features.includes('mfcc') && nMfcc >= minMfcc) {
    const weights = new Float64Array(changesInFrame * nMfcc);
    for (let b = 0; b < changesInFrame; b++) {
      const cosine = (band: number, k: number): number => Math.cos((Math.PI * k * (band + 0.5)) / bands);
      // The inverse transform at the middle of each band; coefficient 0 is the same in all.
      for (let k = 1; k < nMfcc; k++) {
        weights[b * nMfcc + k] = Math.sqrt(2 / nMels) * (cosine(b, k) - cosine(b + 1, k));
      }
    }
    return { first: columns.indexOf('mfcc0'), width: nMfcc, weights };
  }
  const weights = new Float64Array(changesInFrame * nMels);
  const sizes = new Int32Array(bands);
  const bandOf = (mel: number): number => Math.floor((mel * bands) / nMels);
  for (let mel = 0; mel < nMels; mel++) sizes[bandOf(mel)]++;
  for (let mel = 0; mel < nMels; mel++) {
    const band = bandOf(mel);
    if (band < changesInFrame) weights[band * nMels + mel] = 1 / sizes[band];
    if (band > 0) weights[(band - 1) * nMels + mel] = -1 / sizes[band];
  }
  return { first: columns.indexOf('logMel0'), width: nMels, weights };
}

/**
 * Which clips are the same recording: those with the same bytes, and those that are said to sound the same.
 *
 * @param nearDuplicates - what `findNearDuplicates` found; paths of other clips do not matter
 * @returns for each clip its group's name, the first of its paths in order
 */
export function soundGroups(
  clips: readonly Pick<Clip, 'path' | 'sha256'>[],
  nearDuplicates: readonly Pick<NearDuplicate, 'paths'>[] = [],
): string[] {
  const parent = clips.map((_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const indexOf = new Map(clips.map(({ path }, i) => [path, i]));
  const firstOf = new Map<string, number>();
  for (const [i, { sha256 }] of clips.entries()) {
    const first = firstOf.get(sha256);
    if (first === undefined) firstOf.set(sha256, i);
    else parent[root(i)] = root(first);
  }
  for (const { paths } of nearDuplicates) {
    const [a, b] = paths.map((path) => indexOf.get(path));
    if (a !== undefined && b !== undefined) parent[root(b)] = root(a);
  }
  const names = new Map<number, string>();
  for (const [i, { path }] of clips.entries()) {
    const name = names.get(root(i));
    if (name === undefined || path < name) names.set(root(i), path);
  }
  return clips.map((_, i) => names.get(root(i))!);
}
