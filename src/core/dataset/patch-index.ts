import { cumulativeCounts, popCount, wordsInFrame } from './audio-fingerprint';

/** A patch of 16 frames (0.32 s) is described by 8 spectral differences, each at 3 rates of change. */
const patchFrames = 16;
const differences = 8;
export const keyBits = 3 * differences;
/** Minimum number of peaks and valleys in a patch. */
const minPatchCodes = 8 * patchFrames;
/** Number of values of a patch, those closest to zero, that are looked up with both signs. */
export const uncertainBits = 3;

/** The clips' own codes, one after the other, and their patches by key. */
export interface PatchIndex {
  codes: Uint32Array;
  counts: Uint32Array;
  /** first frame of each clip, and the number of frames */
  starts: Int32Array;
  clipOfFrame: Int32Array;
  /** patches by bucket, a hash of the key: those from `buckets[b]` to `buckets[b + 1]` */
  buckets: Int32Array;
  keys: Int32Array;
  frames: Int32Array;
  /** bits of a hash that do not belong to the bucket */
  shift: number;
}

export function createIndex(all: readonly Uint32Array[]): PatchIndex {
  const starts = new Int32Array(all.length + 1);
  for (const [i, own] of all.entries()) starts[i + 1] = starts[i] + own.length / wordsInFrame;
  const total = starts[all.length];
  const codes = new Uint32Array(total * wordsInFrame);
  const clipOfFrame = new Int32Array(total);
  const keyOfFrame = new Int32Array(total).fill(-1);
  const values = new Int32Array(keyBits);
  for (const [i, own] of all.entries()) {
    codes.set(own, starts[i] * wordsInFrame);
    clipOfFrame.fill(i, starts[i], starts[i + 1]);
    const sums = cumulativeDifferences(own);
    const counts = cumulativeCounts(own);
    for (let frame = 0; frame < counts.length - 1; frame++) {
      if (hasPatch(counts, frame)) keyOfFrame[starts[i] + frame] = keyAt(sums, frame, values);
    }
  }
  const bits = Math.max(8, Math.min(24, Math.ceil(Math.log2(total + 1))));
  const shift = 32 - bits;
  const buckets = new Int32Array((1 << bits) + 1);
  for (const key of keyOfFrame) if (key >= 0) buckets[hashOf(key, shift) + 1]++;
  for (let i = 0; i < buckets.length - 1; i++) buckets[i + 1] += buckets[i];
  const next = buckets.slice();
  const frames = new Int32Array(buckets.at(-1)!);
  const keys = new Int32Array(frames.length);
  for (const [frame, key] of keyOfFrame.entries()) {
    if (key < 0) continue;
    const at = next[hashOf(key, shift)]++;
    frames[at] = frame;
    keys[at] = key;
  }
  return { codes, counts: cumulativeCounts(codes), starts, clipOfFrame, buckets, keys, frames, shift };
}

export const hashOf = (key: number, shift: number): number => Math.imul(key, 0x9e3779b1) >>> shift;

export const hasPatch = (counts: Uint32Array, frame: number): boolean =>
  counts[Math.min(counts.length - 1, frame + patchFrames)] - counts[frame] >= minPatchCodes;

const onesInFourBits = Int32Array.from({ length: 16 }, (_, bits) => popCount(bits));

/**
 * Sums over all frames before each frame of the differences between neighbouring groups of four bands: peaks minus valleys of one
 * group minus those of the next. Shape [frames + 1, differences].
 */
export function cumulativeDifferences(codes: Uint32Array): Int32Array {
  const frames = codes.length / wordsInFrame;
  const sums = new Int32Array((frames + 1) * differences);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * wordsInFrame;
    for (let d = 0; d < differences; d++) {
      const word = start + (d >> 2);
      const peaks = codes[word] >>> ((d & 3) * 8);
      const valleys = codes[word + 2] >>> ((d & 3) * 8);
      const first = onesInFourBits[peaks & 15] - onesInFourBits[valleys & 15];
      const second = onesInFourBits[(peaks >>> 4) & 15] - onesInFourBits[(valleys >>> 4) & 15];
      sums[(frame + 1) * differences + d] = sums[frame * differences + d] + first - second;
    }
  }
  return sums;
}

/**
 * The key of the patch that starts at a frame: the signs of its values.
 *
 * @param values - receives them: each difference over the patch, its second half minus the first, and its outer quarters minus the
 *   inner ones
 */
export function keyAt(sums: Int32Array, frame: number, values: Int32Array): number {
  const last = sums.length - differences;
  const quarter = (patchFrames / 4) * differences;
  const r0 = Math.min(last, frame * differences);
  const r1 = Math.min(last, r0 + quarter);
  const r2 = Math.min(last, r0 + 2 * quarter);
  const r3 = Math.min(last, r0 + 3 * quarter);
  const r4 = Math.min(last, r0 + 4 * quarter);
  let key = 0;
  for (let d = 0; d < differences; d++) {
    const whole = sums[r4 + d] - sums[r0 + d];
    const change = whole - 2 * (sums[r2 + d] - sums[r0 + d]);
    const curve = whole - 2 * (sums[r3 + d] - sums[r1 + d]);
    values[d] = whole;
    values[differences + d] = change;
    values[2 * differences + d] = curve;
    if (whole > 0) key |= 1 << d;
    if (change > 0) key |= 1 << (differences + d);
    if (curve > 0) key |= 1 << (2 * differences + d);
  }
  return key;
}

/**
 * The key, and the keys with the signs of the least certain values inverted.
 *
 * @param out - receives them; shape [a power of two]
 */
export function similarKeys(key: number, values: Int32Array, out: Int32Array): void {
  out[0] = key;
  let taken = 0;
  for (let u = 0; 1 << u < out.length; u++) {
    let weakest = -1;
    for (let k = 0; k < keyBits; k++) {
      if ((taken >> k) & 1) continue;
      if (weakest < 0 || Math.abs(values[k]) < Math.abs(values[weakest])) weakest = k;
    }
    taken |= 1 << weakest;
    for (let i = 0; i < 1 << u; i++) out[(1 << u) + i] = out[i] ^ (1 << weakest);
  }
}
