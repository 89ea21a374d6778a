import { InvalidArgumentError } from '../errors';
import { checkPositive, checkSamples } from './checks';
import { istft } from './istft';
import { phaseVocoder } from './phase-vocoder';
import type { StftOptions } from './spectra';
import { stft } from './stft';

export interface TimeStretchOptions extends StftOptions {
  /** how much faster: 2 halves the length, 0.8 makes it a quarter longer; positive; default 1 */
  rate?: number;
}

/**
 * Makes a signal faster or slower without a change of pitch, with a phase vocoder.
 *
 * Where a signal starts in digital silence, the phases between the bins of its first frames are arbitrary: the sound is
 * the same, the samples are not librosa's.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [round(samples / rate)]
 * @throws InvalidArgumentError if `rate` is not positive, or so high that no sample remains, and as `stft` does
 * @see librosa 0.11 `librosa.effects.time_stretch`
 */
export function timeStretch(samples: Float32Array, options: TimeStretchOptions = {}): Float32Array {
  const { rate = 1, ...stftOptions } = options;
  checkPositive('rate', rate);
  checkSamples(samples);
  const length = roundHalfToEven(samples.length / rate);
  if (length === 0) {
    throw new InvalidArgumentError('rate', `low enough to leave one of ${samples.length} samples`, rate);
  }
  const stretched = phaseVocoder(stft(samples, stftOptions), { rate });
  return istft(stretched, { ...stftOptions, length });
}

/** Python's `round`, which makes a half the even number beside it. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
