import { resample } from '../audio';
import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger } from './checks';
import type { StftOptions } from './spectra';
import { timeStretch } from './time-stretch';

export interface PitchShiftOptions extends StftOptions {
  /** how many steps up, negative for down, a fraction allowed; default 0 */
  nSteps?: number;
  /** steps in an octave, a positive integer; default 12: semitones */
  binsPerOctave?: number;
  /** Hz; the result does not depend on it, as everything here is relative to it; default 22050 */
  sampleRate?: number;
}

/** The new rate stands for this many of its own units, so that `resample`, which takes integers, errs by 5e-10 at most. */
const rateUnits = 2 ** 30;

/**
 * Raises or lowers a signal's pitch and keeps its length: stretched in time, then resampled to the old length.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [samples]: cut, or filled with zeros, where rounding gave a sample more or less
 * @throws InvalidArgumentError if `nSteps` is not finite or shifts by more than 10 octaves, `binsPerOctave` is not a positive
 *   integer, `sampleRate` is not positive, and as `timeStretch` does
 * @see librosa 0.11 `librosa.effects.pitch_shift(res_type='soxr_hq')`
 */
export function pitchShift(samples: Float32Array, options: PitchShiftOptions = {}): Float32Array {
  const { nSteps = 0, binsPerOctave = 12, sampleRate = 22050, ...stftOptions } = options;
  checkPositiveInteger('binsPerOctave', binsPerOctave);
  checkPositive('sampleRate', sampleRate);
  if (!(Math.abs(nSteps) <= 10 * binsPerOctave)) {
    throw new InvalidArgumentError('nSteps', `within ten octaves (±${10 * binsPerOctave} steps)`, nSteps);
  }
  const rate = 2 ** (-nSteps / binsPerOctave);
  const stretched = timeStretch(samples, { ...stftOptions, rate });
  const shifted = resample(stretched, Math.round(rateUnits / rate), rateUnits);
  const out = new Float32Array(samples.length);
  out.set(shifted.subarray(0, samples.length));
  return out;
}
