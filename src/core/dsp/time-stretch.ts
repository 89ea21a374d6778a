import { InvalidArgumentError } from '../base';
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
  const length = stretchedSamples(samples.length, rate);
  const stretched = phaseVocoder(stft(samples, stftOptions), { rate });
  return istft(stretched, { ...stftOptions, length });
}

/**
 * How many samples a stretched signal has: Python's `round(length / rate)`, which makes a half the even number beside it.
 *
 * @throws InvalidArgumentError if none remains
 */
export function stretchedSamples(length: number, rate: number): number {
  const value = length / rate;
  const rounded = Math.round(value);
  const samples = value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
  if (samples < 1) {
    throw new InvalidArgumentError('rate', `low enough to leave one of ${length} samples`, rate);
  }
  return samples;
}
