import { InvalidArgumentError, quantile } from '../base';
import { checkSamples } from './checks';
import { rms } from './frame-measures';

const [frameLength, hopLength] = [2048, 512];
/** Share of the frames that are quieter than the level of the speech. */
const share = 0.95;

/**
 * Level of the speech in a recording: the 95th percentile of the RMS of its frames, so that pauses do not count.
 *
 * @param samples - shape [samples], at least one
 * @returns dB relative to full scale; -Infinity for digital silence
 * @throws {@link InvalidArgumentError} if the signal is empty or not finite
 * @example
 * ```ts
 * speechLevel(samples); // -24.1
 * ```
 */
export function speechLevel(samples: Float32Array): number {
  checkSamples(samples);
  return levelOfFrames(rms(samples, { frameLength, hopLength }));
}

/** {@link speechLevel} of the RMS of frames, shape [frames]. */
export const levelOfFrames = (levels: Float32Array): number =>
  20 * Math.log10(quantile(levels.toSorted(), share));

/**
 * Scales a recording so that its {@link speechLevel} is the given one. Digital silence stays silent.
 *
 * @param levelDb - dB relative to full scale
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `levelDb` is not finite, or the signal is empty or not finite
 */
export function normaliseLevel(samples: Float32Array, levelDb: number): Float32Array {
  if (!Number.isFinite(levelDb)) throw new InvalidArgumentError('levelDb', 'a finite number (dB)', levelDb);
  const level = speechLevel(samples);
  return Number.isFinite(level) ? scaled(samples, 10 ** ((levelDb - level) / 20)) : samples.slice();
}

/** Multiplies each sample. @returns a new array, shape [samples] */
export function scaled(samples: Float32Array, factor: number): Float32Array {
  const out = new Float32Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = factor * samples[i];
  return out;
}
