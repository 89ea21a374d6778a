import { InvalidArgumentError, type Random } from '../base';
import { pitchShift, timeStretch } from './phase-vocoder';

/** One augmentation as plain data, so that it can be stored in a config and hashed. */
export type Augmentation =
  /** the paper's noise with a random amplitude */
  | { kind: 'paperNoise' }
  /** white noise at a signal-to-noise ratio in dB */
  | { kind: 'noise'; snrDb: number }
  /** faster (rate > 1) or slower, at the same pitch */
  | { kind: 'stretch'; rate: number }
  /** higher or lower by semitones, at the same length */
  | { kind: 'pitch'; nSteps: number }
  /** circular shift by a random time of up to `maxSec` in either direction */
  | { kind: 'shift'; maxSec: number };

/** The four versions of each clip that the paper trains on. */
export const paperVersions = {
  original: [],
  noise: [{ kind: 'paperNoise' }],
  pitch: [{ kind: 'pitch', nSteps: 0.7 }],
  pitchAndNoise: [{ kind: 'pitch', nSteps: 0.7 }, { kind: 'paperNoise' }],
} as const satisfies Record<string, readonly Augmentation[]>;

/**
 * Applies augmentations in the given order.
 *
 * @param samples - shape [samples]
 * @param options - `sampleRate` in Hz; `random`: seed it per clip, so that results do not depend on the order of clips
 * @returns a new array; the length differs only after `stretch`
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
  { sampleRate, random }: { sampleRate: number; random: Random },
): Float32Array {
  let result = samples;
  for (const augmentation of augmentations) result = applyOne(result, augmentation, sampleRate, random);
  return augmentations.length === 0 ? samples.slice() : result;
}

function applyOne(
  samples: Float32Array,
  augmentation: Augmentation,
  sampleRate: number,
  random: Random,
): Float32Array {
  switch (augmentation.kind) {
    case 'paperNoise':
      return addPaperNoise(samples, random);
    case 'noise':
      return addNoise(samples, { snrDb: augmentation.snrDb, random });
    case 'stretch':
      return timeStretch(samples, { rate: augmentation.rate });
    case 'pitch':
      return pitchShift(samples, { sampleRate, nSteps: augmentation.nSteps });
    case 'shift':
      return shift(samples, { maxSamples: Math.round(augmentation.maxSec * sampleRate), random });
    default: {
      const { kind } = augmentation as { kind: unknown };
      throw new InvalidArgumentError('kind', 'paperNoise, noise, stretch, pitch or shift', kind);
    }
  }
}

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
  let largest = -Infinity;
  for (let i = 0; i < samples.length; i++) if (samples[i] > largest) largest = samples[i];
  const amplitude = 0.035 * random.uniform() * largest;
  return random.addNormals(samples, amplitude);
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
