import { InvalidArgumentError } from '../base';
import { checkPositiveInteger } from './checks';

export interface MelScaleOptions {
  /** HTK's formula, 2595 · log10(1 + f / 700), instead of Slaney's scale; default false */
  htk?: boolean;
}

export interface MelFrequenciesOptions extends MelScaleOptions {
  /** lowest frequency, at least 0 Hz; default 0 */
  fMin?: number;
  /** highest frequency, above `fMin`; default 11025 Hz */
  fMax?: number;
}

/** Slaney's scale is linear up to 1000 Hz (15 mel), then logarithmic: 27 mel for a factor of 6.4. */
const slaney = { hzPerMel: 200 / 3, bendHz: 1000, bendMel: 15, logStep: Math.log(6.4) / 27 };

/**
 * From Hz to mel, a scale on which equal steps sound equally wide.
 *
 * @param hz - frequency, at least 0 Hz
 * @returns mel, on Slaney's scale (Auditory Toolbox) unless `htk` is set
 * @throws InvalidArgumentError if `hz` is negative or not finite
 * @see librosa 0.11 `librosa.hz_to_mel`
 */
export function hzToMel(hz: number, { htk = false }: MelScaleOptions = {}): number {
  if (!(hz >= 0 && hz < Infinity)) throw new InvalidArgumentError('hz', 'a number of at least 0 (Hz)', hz);
  if (htk) return 2595 * Math.log10(1 + hz / 700);
  if (hz < slaney.bendHz) return hz / slaney.hzPerMel;
  return slaney.bendMel + Math.log(hz / slaney.bendHz) / slaney.logStep;
}

/**
 * From mel to Hz, the inverse of {@link hzToMel}.
 *
 * @param mel - at least 0
 * @returns frequency, Hz
 * @throws InvalidArgumentError if `mel` is negative or not finite
 * @see librosa 0.11 `librosa.mel_to_hz`
 */
export function melToHz(mel: number, { htk = false }: MelScaleOptions = {}): number {
  if (!(mel >= 0 && mel < Infinity)) throw new InvalidArgumentError('mel', 'a number of at least 0', mel);
  if (htk) return 700 * (10 ** (mel / 2595) - 1);
  if (mel < slaney.bendMel) return mel * slaney.hzPerMel;
  return slaney.bendHz * Math.exp(slaney.logStep * (mel - slaney.bendMel));
}

/**
 * Frequencies at equal steps of the mel scale, both ends included.
 *
 * @param count - how many, a positive integer
 * @returns shape [count], Hz, rising, in double precision
 * @throws InvalidArgumentError if `count` is not a positive integer or `fMin` is not in [0, fMax)
 * @see librosa 0.11 `librosa.mel_frequencies`
 */
export function melFrequencies(count: number, options: MelFrequenciesOptions = {}): Float64Array {
  const { fMin = 0, fMax = 11025, htk = false } = options;
  checkPositiveInteger('count', count);
  if (!(fMin >= 0 && fMin < fMax)) {
    throw new InvalidArgumentError('fMin', `at least 0 and below fMax (${fMax} Hz)`, fMin);
  }
  const low = hzToMel(fMin, { htk });
  const step = count > 1 ? (hzToMel(fMax, { htk }) - low) / (count - 1) : 0;
  return Float64Array.from({ length: count }, (_, i) => melToHz(low + i * step, { htk }));
}
