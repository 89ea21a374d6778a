import { InvalidArgumentError, type Random } from '../base';
import { checkPositive, checkSamples } from './checks';
import { realFft } from './fft';
import { scaled } from './frame-measures';
import { pitchShift, type PitchShiftOptions, timeStretch, type TimeStretchOptions } from './phase-vocoder';
import {
  bandLimit,
  changeSpeed,
  clipPeaks,
  type Resample,
  reverberate,
  telephone,
} from './recording-conditions';
import { istft, stft } from './spectrogram';

/** A number, or a range from which a number is drawn for each clip, uniformly. */
export type Amount = number | readonly [low: number, high: number];

/** One augmentation as plain data, so that it can be stored in a config and hashed. */
export type Augmentation =
  /** the paper's noise with a random amplitude */
  | { kind: 'paperNoise' }
  /** white noise at a signal-to-noise ratio in dB */
  | { kind: 'noise'; snrDb: Amount }
  /** faster (rate > 1) or slower, at the same pitch */
  | { kind: 'stretch'; rate: number }
  /** higher or lower by semitones, at the same length */
  | { kind: 'pitch'; nSteps: number }
  /** circular shift by a random time of up to `maxSec` in either direction */
  | { kind: 'shift'; maxSec: number }
  /** louder or quieter, dB */
  | { kind: 'gain'; gainDb: Amount }
  /** a telephone line: 8 kHz, µ-law */
  | { kind: 'telephone' }
  /** a room: the sound, and reverberation that decays by 60 dB in `rt60Sec`; `directDb` is the ratio of their energies in dB */
  | { kind: 'room'; rt60Sec: Amount; directDb: Amount }
  /** a band of frequencies, as of a small loudspeaker */
  | { kind: 'band'; lowHz: Amount; highHz: Amount }
  /** peaks above a share of the highest one are cut off */
  | { kind: 'clip'; peakShare: Amount }
  /** a random part of the recording */
  | { kind: 'crop'; durationSec: Amount }
  /** faster and higher, or slower and lower, by resampling */
  | { kind: 'speed'; rate: Amount }
  /** formants multiplied by a factor, at the same pitch: the length of the vocal tract */
  | { kind: 'vocalTract'; factor: Amount };

/** The four versions of each clip that the paper trains on. */
export const paperVersions = {
  original: [],
  noise: [{ kind: 'paperNoise' }],
  pitch: [{ kind: 'pitch', nSteps: 0.7 }],
  pitchAndNoise: [{ kind: 'pitch', nSteps: 0.7 }, { kind: 'paperNoise' }],
} as const satisfies Record<string, readonly Augmentation[]>;

/** Options of {@link augment}. */
export interface AugmentOptions {
  /** Hz */
  sampleRate: number;
  /** seed it per clip, so that results do not depend on the order of clips */
  random: Random;
  /** implementations to use, for example those of a front end; default plain TypeScript */
  resample?: Resample;
  pitchShift?: (samples: Float32Array, options: PitchShiftOptions) => Float32Array;
  timeStretch?: (samples: Float32Array, options: TimeStretchOptions) => Float32Array;
}

/**
 * Applies augmentations in the given order.
 *
 * @param samples - shape [samples]
 * @returns a new array; the length differs only after `stretch`, `speed` and `crop`
 * @throws {@link InvalidArgumentError} if a kind is unknown or a parameter is out of range
 * @example
 * ```ts
 * const random = createRandom(clip.sha256);
 * const noisy = augment(samples, [{ kind: 'pitch', nSteps: 2 }, { kind: 'noise', snrDb: 20 }], { sampleRate, random });
 * ```
 */
export function augment(
  samples: Float32Array,
  augmentations: readonly Augmentation[],
  options: AugmentOptions,
): Float32Array {
  let result = samples;
  for (const augmentation of augmentations) result = applyOne(result, augmentation, options);
  return augmentations.length === 0 ? samples.slice() : result;
}

function applyOne(samples: Float32Array, augmentation: Augmentation, options: AugmentOptions): Float32Array {
  const { sampleRate, random, resample } = options;
  const draw = (amount: Amount): number =>
    typeof amount === 'number' ? amount : random.uniform(amount[0], amount[1]);
  switch (augmentation.kind) {
    case 'paperNoise':
      return addPaperNoise(samples, random);
    case 'noise':
      return addNoise(samples, { snrDb: draw(augmentation.snrDb), random });
    case 'stretch':
      return (options.timeStretch ?? timeStretch)(samples, { rate: augmentation.rate });
    case 'pitch':
      return (options.pitchShift ?? pitchShift)(samples, { sampleRate, nSteps: augmentation.nSteps });
    case 'shift':
      return shift(samples, { maxSamples: Math.round(augmentation.maxSec * sampleRate), random });
    case 'gain':
      return scaled(samples, 10 ** (draw(augmentation.gainDb) / 20));
    case 'telephone':
      return telephone(samples, { sampleRate, resample });
    case 'room': {
      const [rt60Sec, directDb] = [draw(augmentation.rt60Sec), draw(augmentation.directDb)];
      return reverberate(samples, { sampleRate, rt60Sec, directDb, random });
    }
    case 'band': {
      const [lowHz, highHz] = [draw(augmentation.lowHz), draw(augmentation.highHz)];
      return bandLimit(samples, { sampleRate, lowHz, highHz });
    }
    case 'clip':
      return clipPeaks(samples, { peakShare: draw(augmentation.peakShare) });
    case 'crop':
      return crop(samples, { samples: Math.round(draw(augmentation.durationSec) * sampleRate), random });
    case 'speed':
      return changeSpeed(samples, { rate: draw(augmentation.rate), resample });
    case 'vocalTract':
      return changeVocalTract(samples, { sampleRate, factor: draw(augmentation.factor) });
    default: {
      const { kind } = augmentation as { kind: unknown };
      throw new InvalidArgumentError('kind', `one of ${augmentationKinds.join(', ')}`, kind);
    }
  }
}

/** All kinds, in the order of {@link Augmentation}. */
export const augmentationKinds = [
  'paperNoise',
  'noise',
  'stretch',
  'pitch',
  'shift',
  'gain',
  'telephone',
  'room',
  'band',
  'clip',
  'crop',
  'speed',
  'vocalTract',
] as const satisfies readonly Augmentation['kind'][];

/**
 * Adds the paper's noise, white noise with an amplitude of up to 3.5 % of the maximum:
 * `samples + 0.035 · U(0, 1) · max(samples) · N(0, 1)`.
 *
 * The maximum is signed, as `np.amax`; if no sample is positive, the noise is inverted, which makes no audible difference.
 *
 * @param samples - shape [samples]
 * @param random - draws one uniform number, then one normal number per sample
 * @returns a new array, shape [samples]
 * @see the paper's notebook, function `noise`
 */
export function addPaperNoise(samples: Float32Array, random: Random): Float32Array {
  const share = 0.035 * random.uniform();
  return random.addNormals(samples, (largest) => share * largest);
}

/**
 * Adds white noise at a signal-to-noise ratio, the mean power of the signal divided by the expected power of the noise.
 *
 * @param samples - shape [samples]; digital silence is returned without noise
 * @param options - `snrDb` in dB: at 20 the noise is clearly audible, at 0 as loud as the voice; `random`: source of the noise
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `snrDb` is not finite
 * @example
 * ```ts
 * const noisy = addNoise(samples, { snrDb: 20, random: createRandom('clip.wav') });
 * ```
 */
export function addNoise(
  samples: Float32Array,
  { snrDb, random }: { snrDb: number; random: Random },
): Float32Array {
  if (!Number.isFinite(snrDb)) throw new InvalidArgumentError('snrDb', 'a finite number of decibels', snrDb);
  let power = 0;
  for (let i = 0; i < samples.length; i++) power += samples[i] * samples[i];
  const deviation = Math.sqrt(power / Math.max(1, samples.length) / 10 ** (snrDb / 10));
  return random.addNormals(samples, deviation);
}

/** A random part of a signal, at least one sample; a shorter signal is returned as it is. */
function crop(
  samples: Float32Array,
  { samples: wanted, random }: { samples: number; random: Random },
): Float32Array {
  const length = Math.max(1, Math.min(samples.length, wanted));
  const start = random.integer(samples.length - length + 1);
  return samples.slice(start, start + length);
}

/** Rolls a signal by a random number of samples, at most `maxSamples` in either direction (the paper shows up to 5,000). */
function shift(
  samples: Float32Array,
  { maxSamples, random }: { maxSamples: number; random: Random },
): Float32Array {
  if (!Number.isSafeInteger(maxSamples) || maxSamples < 0) {
    throw new InvalidArgumentError('maxSamples', 'an integer of at least 0', maxSamples);
  }
  return roll(samples, random.integer(2 * maxSamples + 1) - maxSamples);
}

/**
 * Shifts a signal circularly: samples that leave at one end enter at the other.
 *
 * @param samples - shape [samples]
 * @param shift - samples to the right (negative: to the left), an integer
 * @returns shape [samples]
 * @throws InvalidArgumentError if `shift` is not an integer
 * @see numpy 2 `numpy.roll`
 */
export function roll(samples: Float32Array, shift: number): Float32Array {
  if (!Number.isSafeInteger(shift)) throw new InvalidArgumentError('shift', 'an integer', shift);
  const { length } = samples;
  const out = new Float32Array(length);
  if (length === 0) return out;
  const start = ((shift % length) + length) % length;
  out.set(samples.subarray(0, length - start), start);
  out.set(samples.subarray(length - start), 0);
  return out;
}

const nFft = 1024;
const hopLength = 256;
/** Cepstral coefficients up to this quefrency describe the spectral envelope, seconds: half the period of a voice at 250 Hz. */
const envelopeSec = 0.002;
/** Maximum change of a bin, factor of the amplitude: 30 dB. */
const maxGain = 10 ** 1.5;

/**
 * Changes the length of the speaker's vocal tract: moves the formants, and keeps pitch and duration. The spectral envelope of each
 * frame, from its low cepstral coefficients, is stretched along the frequency axis.
 *
 * @param samples - shape [samples], at least one
 * @param options - `sampleRate` in Hz; `factor`: formants are multiplied by it, 1.15 for a child-like and 0.9 for a larger speaker;
 *   0.5 to 2
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `factor` is out of range
 * @see Jaitly and Hinton (2013), Vocal tract length perturbation improves speech recognition
 * @example
 * ```ts
 * const smaller = changeVocalTract(samples, { sampleRate: 22050, factor: 1.1 });
 * ```
 */
export function changeVocalTract(
  samples: Float32Array,
  { sampleRate, factor }: { sampleRate: number; factor: number },
): Float32Array {
  checkSamples(samples);
  checkPositive('sampleRate', sampleRate);
  if (!(factor >= 0.5 && factor <= 2))
    throw new InvalidArgumentError('factor', 'a number from 0.5 to 2', factor);
  const spectra = stft(samples, { nFft, hopLength });
  const [frames, bins] = spectra.shape;
  const fft = realFft(nFft);
  const kept = Math.min(bins - 1, Math.max(1, Math.round(envelopeSec * sampleRate)));
  const log = new Float64Array(bins);
  const zero = new Float64Array(bins);
  const cepstrum = new Float64Array(nFft);
  const envelope = new Float64Array(bins);
  const unused = new Float64Array(bins);
  for (let i = 0; i < frames; i++) {
    const real = spectra.real.subarray(i * bins, (i + 1) * bins);
    const imag = spectra.imag.subarray(i * bins, (i + 1) * bins);
    for (let k = 0; k < bins; k++) log[k] = Math.log(Math.hypot(real[k], imag[k]) + 1e-6);
    fft.inverse(log, zero, cepstrum);
    cepstrum.fill(0, kept + 1, nFft - kept);
    fft.forward(cepstrum, envelope, unused);
    for (let k = 0; k < bins; k++) {
      const source = Math.min(bins - 1, k / factor);
      const below = Math.floor(source);
      const above = Math.min(bins - 1, below + 1);
      const moved = envelope[below] + (source - below) * (envelope[above] - envelope[below]);
      const gain = Math.max(1 / maxGain, Math.min(maxGain, Math.exp(moved - envelope[k])));
      real[k] *= gain;
      imag[k] *= gain;
    }
  }
  return istft(spectra, { nFft, hopLength, length: samples.length });
}
