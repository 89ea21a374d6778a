import { InvalidArgumentError } from '../base';
import { checkPositiveInteger } from './checks';
import { dct } from './dct';
import type { Matrix } from './matrix';
import { melSpectrogram, type MelSpectrogramOptions } from './mel-spectrogram';
import { powerToDb } from './power-to-db';

export interface MfccFromDbOptions {
  /** number of coefficients, at most the number of mel bands; default 20 */
  nMfcc?: number;
  /** coefficient k is weighed with 1 + lifter / 2 · sin(π·(k + 1) / lifter); 0 for no weights; default 0 */
  lifter?: number;
}

export interface MfccOptions extends MelSpectrogramOptions, MfccFromDbOptions {}

/**
 * Mel-frequency cepstral coefficients: the shape of a spectrum's envelope in a few numbers a frame.
 *
 * A mel power spectrogram in dB (`ref` 1, floor 80 dB below the loudest value), then an orthonormal DCT-II of each frame.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames, nMfcc]
 * @throws InvalidArgumentError if `nMfcc` is not in 1 … nMels or `lifter` is negative, and as `melSpectrogram` does
 * @see librosa 0.11 `librosa.feature.mfcc`; Davis and Mermelstein (1980)
 */
export function mfcc(samples: Float32Array, options: MfccOptions = {}): Matrix {
  return mfccFromDb(powerToDb(melSpectrogram(samples, options)), options);
}

/**
 * The last step of {@link mfcc}, for a log-mel spectrogram that is there already.
 *
 * @param logMel - dB, shape [frames, nMels]; not changed
 * @returns shape [frames, nMfcc]
 * @throws InvalidArgumentError if `nMfcc` is not in 1 … nMels, `lifter` is negative, or the matrix does not fit its shape
 * @see librosa 0.11 `librosa.feature.mfcc(S=…)`
 */
export function mfccFromDb(logMel: Matrix, options: MfccFromDbOptions = {}): Matrix {
  const { nMfcc, lifter } = checkedCepstrum(options, logMel.shape[1]);
  const { data, shape } = dct(logMel, { nCoefficients: nMfcc });
  if (lifter > 0) {
    for (let i = 0; i < data.length; i++) data[i] *= lifterWeight(i % nMfcc, lifter);
  }
  return { data, shape };
}

/** The options with their defaults. @throws InvalidArgumentError as {@link mfccFromDb} does */
export function checkedCepstrum(options: MfccFromDbOptions, nMels: number): Required<MfccFromDbOptions> {
  const { nMfcc = 20, lifter = 0 } = options;
  checkPositiveInteger('nMfcc', nMfcc);
  if (nMfcc > nMels) throw new InvalidArgumentError('nMfcc', `at most the ${nMels} mel bands`, nMfcc);
  if (!(lifter >= 0 && lifter < Infinity)) {
    throw new InvalidArgumentError('lifter', 'a number of at least 0', lifter);
  }
  return { nMfcc, lifter };
}

/** What coefficient `k` is weighed with; `lifter` is positive. */
export function lifterWeight(k: number, lifter: number): number {
  return 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter);
}
