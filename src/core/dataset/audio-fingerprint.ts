import type { Waveform } from '../audio';
import { WorkbenchError } from '../base';
import { type FrontEnd, plainFrontEnd } from '../features';

/** Version of a clip for the comparison: the clip itself, or with the paper's pitch shift or time stretching. */
export type CopyKind = 'same' | 'pitch' | 'stretch';

/** Pitch shift in semitones, and rate of the time stretching. */
const pitchSteps = 0.7;
const stretchRate = 0.8;

/**
 * Fingerprint of a recording: which of 64 bands of each frame are peaks and which are valleys of the spectrum.
 *
 * It depends neither on the level nor on the frequency response, and noise only removes peaks and valleys.
 */
export interface AudioFingerprint {
  /** the recording itself first, then its pitch-shifted and time-stretched versions */
  versions: { kind: CopyKind; codes: Uint32Array }[];
}

/** 32-bit words per frame: the peaks of the lower and upper 32 bands, then the valleys. */
export const wordsInFrame = 4;
/** Hop between frames, s. */
export const hopSec = 0.02;

/** Increment when the fingerprints of the same audio change; stored ones are then computed again. */
export const fingerprintVersion = 1;

/** Longest and shortest recording that gets a fingerprint, s. */
const maxSec = 600;
const minSec = 0.3;
/** Minimum duration of frames that differ from the previous one in at least `minChangedBits` bits, s; a steady tone has none. */
const [minChangeSec, minChangedBits] = [0.2, 4];

/** The spectrum is computed at 8 kHz: copies at that rate, such as telephone recordings, keep these bands. */
const sampleRate = 8000;
const [nFft, hopLength] = [512, sampleRate * hopSec];
const bins = nFft / 2 + 1;
const bands = 64;
/** Bands are a 16th of an octave apart, from 200 to 3065 Hz. */
const [lowestHz, bandsPerOctave] = [200, 16];
/** A band is compared with the mean of those within half an octave. */
const neighbours = bandsPerOctave / 2;
/** Level above or below that mean for a peak or a valley, dB. */
const contrastDb = 3;
/** Noise floor, and minimum level of the loudest band of a frame that is not quiet, in dB below the recording's maximum. */
const [rangeDb, loudDb] = [50, 30];
/** The noise in each band is twice the level exceeded in 90 % of the frames. */
const [noiseQuantile, noiseFactor] = [0.1, 2];

/** Length of the phase vocoder's window, samples; librosa's default. */
const vocoderFft = 2048;
/**
 * Sample rates at which copies are commonly augmented, besides the recording's own, Hz. The rate determines the duration of the
 * window, and thus how much a copy is smeared in time: fingerprints with windows of 85 and 93 ms differ too much.
 */
const vocoderRates = [16_000, 22_050] as const;
/** Shortest window, for very high rates. */
const minVocoderFft = 64;

/**
 * Computes the fingerprint of a recording for `searchDuplicates`; takes about 15 ms for 3 s of audio.
 *
 * @param waveform - the whole recording
 * @param frontEnd - with the SIMD kernel, pitch-shifted and stretched versions take a third of the time
 * @throws {@link WorkbenchError} with the reason, if it cannot be compared: shorter than 0.3 s, longer than 10 minutes, or silent
 */
export function fingerprintOf(waveform: Waveform, frontEnd: FrontEnd = plainFrontEnd): AudioFingerprint {
  const durationSec = waveform.samples.length / waveform.sampleRate;
  if (!(durationSec >= minSec)) throw new WorkbenchError(`it is shorter than ${minSec} s`);
  if (durationSec > maxSec) throw new WorkbenchError(`it is longer than ${maxSec / 60} minutes`);
  const centred = withoutMean(waveform.samples);
  const resampled = (samples: Float32Array, from: number, to: number): Float32Array =>
    from === to ? samples : frontEnd.resample(samples, from, to);
  const own = codesOf(resampled(centred, waveform.sampleRate, sampleRate), frontEnd);
  if (changingFrames(own) * hopSec < minChangeSec)
    throw new WorkbenchError('it is silent, or its sound does not change');
  const versions: AudioFingerprint['versions'] = [{ kind: 'same', codes: own }];
  for (const fullRate of new Set([...vocoderRates, waveform.sampleRate])) {
    // The spectrum ends at 4 kHz: a window of the same duration at a lower rate gives the same result in less time.
    let [rate, size] = [fullRate, vocoderFft];
    while (rate >= 2 * sampleRate && size > minVocoderFft) [rate, size] = [rate / 2, size / 2];
    rate = Math.round(rate);
    const frames = { nFft: size, hopLength: size / 4 };
    const input = resampled(centred, waveform.sampleRate, rate);
    const pitched = frontEnd.pitchShift(input, { ...frames, sampleRate: rate, nSteps: pitchSteps });
    const stretched = frontEnd.timeStretch(input, { ...frames, rate: stretchRate });
    versions.push(
      { kind: 'pitch', codes: codesOf(resampled(pitched, rate, sampleRate), frontEnd) },
      { kind: 'stretch', codes: codesOf(resampled(stretched, rate, sampleRate), frontEnd) },
    );
  }
  return { versions };
}

export const copyKinds: readonly CopyKind[] = ['same', 'pitch', 'stretch'];
/** Upper bound of the versions in stored numbers; {@link fingerprintOf} gives at most seven. */
const maxVersions = 16;

/** Encodes a fingerprint for storage: number of versions, kind and length of each, then their codes. */
export function encodeFingerprint({ versions }: AudioFingerprint): Uint32Array {
  const header = [
    versions.length,
    ...versions.flatMap(({ kind, codes }) => [copyKinds.indexOf(kind), codes.length]),
  ];
  const all = new Uint32Array(versions.reduce((length, { codes }) => length + codes.length, header.length));
  all.set(header);
  let start = header.length;
  for (const { codes } of versions) {
    all.set(codes, start);
    start += codes.length;
  }
  return all;
}

/** Decodes the result of {@link encodeFingerprint}, with which it shares memory; undefined if it is not valid. */
export function decodeFingerprint(numbers: Uint32Array): AudioFingerprint | undefined {
  const count = numbers.at(0) ?? 0;
  if (count < 1 || count > maxVersions || numbers.length < 1 + 2 * count) return undefined;
  const versions: AudioFingerprint['versions'] = [];
  let start = 1 + 2 * count;
  for (let i = 0; i < count; i++) {
    const [kind, length] = [copyKinds.at(numbers[1 + 2 * i]), numbers[2 + 2 * i]];
    if (kind === undefined || (i === 0) !== (kind === 'same') || length % wordsInFrame !== 0)
      return undefined;
    versions.push({ kind, codes: numbers.subarray(start, start + length) });
    start += length;
  }
  return start === numbers.length ? { versions } : undefined;
}

/** Number of ones among the 32 bits. */
export function popCount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Number of peaks and valleys before each frame, then in all frames. */
export function cumulativeCounts(codes: Uint32Array): Uint32Array {
  const counts = new Uint32Array(codes.length / wordsInFrame + 1);
  for (let frame = 0, i = 0; i < codes.length; frame++, i += wordsInFrame) {
    counts[frame + 1] =
      counts[frame] + popCount(codes[i] | codes[i + 2]) + popCount(codes[i + 1] | codes[i + 3]);
  }
  return counts;
}

function changingFrames(codes: Uint32Array): number {
  let changing = 0;
  for (let i = wordsInFrame; i < codes.length; i += wordsInFrame) {
    let [bits, isQuiet] = [0, true];
    for (let word = i; word < i + wordsInFrame; word++) {
      bits += popCount(codes[word] ^ codes[word - wordsInFrame]);
      if (codes[word] !== 0) isQuiet = false;
    }
    if (bits >= minChangedBits && !isQuiet) changing++;
  }
  return changing;
}

function withoutMean(samples: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i];
  const mean = sum / samples.length;
  return samples.map((value) => value - mean);
}

/** Peaks and valleys of each frame, shape [frames, wordsInFrame]; zeros in quiet frames. */
function codesOf(samples: Float32Array, frontEnd: FrontEnd): Uint32Array {
  const { data: power, shape } = frontEnd.powerSpectrogram(samples, { nFft, hopLength });
  const [frames] = shape;
  const levels = new Float32Array(frames * bands);
  const loudest = new Float32Array(frames);
  let max = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let b = 0; b < bands; b++) {
      const { first, weights } = filters[b];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * power[frame * bins + first + k];
      levels[frame * bands + b] = sum;
      if (sum > loudest[frame]) loudest[frame] = sum;
    }
    if (loudest[frame] > max) max = loudest[frame];
  }
  const codes = new Uint32Array(frames * wordsInFrame);
  if (max < silence) return codes;
  const noise = noiseOf(levels, frames, max * 10 ** (-rangeDb / 10));
  const loud = max * 10 ** (-loudDb / 10);
  // Sums of the levels below each band, for means over a range of bands.
  const sums = new Float64Array(bands + 1);
  const db = new Float64Array(bands);
  for (let frame = 0; frame < frames; frame++) {
    if (loudest[frame] <= loud) continue;
    for (let b = 0; b < bands; b++) {
      db[b] = 10 * Math.log10(levels[frame * bands + b] + noise[b]);
      sums[b + 1] = sums[b] + db[b];
    }
    for (let b = 0; b < bands; b++) {
      const from = Math.max(0, b - neighbours);
      const to = Math.min(bands, b + neighbours + 1);
      const contrast = db[b] - (sums[to] - sums[from]) / (to - from);
      const word = frame * wordsInFrame + (b >> 5);
      if (contrast > contrastDb) codes[word] |= 1 << (b & 31);
      else if (contrast < -contrastDb) codes[word + 2] |= 1 << (b & 31);
    }
  }
  return codes;
}

/** Power of a band in a frame below which a recording is silent: an amplitude of about 1e-6. */
const silence = 1e-8;

/** Level of the steady noise in each band, at least `least`. */
function noiseOf(levels: Float32Array, frames: number, least: number): Float64Array {
  const column = new Float32Array(frames);
  return Float64Array.from({ length: bands }, (_, b) => {
    for (let frame = 0; frame < frames; frame++) column[frame] = levels[frame * bands + b];
    column.sort();
    return Math.max(least, noiseFactor * column[Math.floor(noiseQuantile * frames)]);
  });
}

/** Triangular filters of the bands, at least two bins wide so that none is empty, normalised to a sum of 1. */
const filters = Array.from({ length: bands }, (_, b) => {
  const binHz = sampleRate / nFft;
  const hzOf = (band: number): number => lowestHz * 2 ** (band / bandsPerOctave);
  const centre = hzOf(b);
  const [left, right] = [Math.min(hzOf(b - 1), centre - binHz), Math.max(hzOf(b + 1), centre + binHz)];
  const first = Math.floor(left / binHz) + 1;
  const raw: number[] = [];
  for (let k = first; k * binHz < right; k++) {
    raw.push(Math.min((k * binHz - left) / (centre - left), (right - k * binHz) / (right - centre)));
  }
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return { first, weights: Float64Array.from(raw, (weight) => weight / total) };
});
