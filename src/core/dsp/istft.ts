import { InvalidArgumentError } from '../base';
import { checkMatrix, checkPositiveInteger, checkPowerOfTwo } from './checks';
import { realFft } from './fft';
import type { ComplexMatrix } from './matrix';
import { centredWindow } from './spectra';
import type { WindowName } from './window';

export interface IstftOptions {
  /** length of the Fourier transform; default (and only possible) twice the bins less one: `2 · (bins - 1)` */
  nFft?: number;
  /** samples from one frame to the next; default a quarter of `winLength` */
  hopLength?: number;
  /** samples under the window, at most `nFft`; default `nFft` */
  winLength?: number;
  /** the window that the forward transform used; default 'hann', periodic */
  window?: WindowName;
  /** whether the forward transform centred its frames; default true */
  center?: boolean;
  /** samples wanted: cut or filled with zeros; default what the frames cover */
  length?: number;
}

/**
 * Inverse short-time Fourier transform: the signal whose spectra come closest to those given (least squares, Griffin and Lim).
 * `istft(stft(x), { length: x.length })` is x where the frames overlap and the windows are not all zero.
 *
 * @param matrix - spectra, shape [frames, nFft / 2 + 1]; not changed
 * @returns shape [length]
 * @throws InvalidArgumentError if the matrix does not fit its shape or `nFft`, `nFft` is not a power of two, or another
 *   length breaks its rule
 * @see librosa 0.11 `librosa.istft`; Griffin and Lim (1984), doi 10.1109/TASSP.1984.1164317
 */
export function istft(matrix: ComplexMatrix, options: IstftOptions = {}): Float32Array {
  checkMatrix('matrix.real', matrix.real, matrix.shape);
  checkMatrix('matrix.imag', matrix.imag, matrix.shape);
  const [, bins] = matrix.shape;
  const { nFft = 2 * (bins - 1), window = 'hann', center = true } = options;
  checkPowerOfTwo('nFft', nFft);
  if (nFft !== 2 * (bins - 1)) throw new InvalidArgumentError('nFft', `2 · (${bins} bins - 1)`, nFft);
  const { winLength = nFft } = options;
  const { hopLength = Math.max(1, Math.floor(winLength / 4)) } = options;
  checkPositiveInteger('hopLength', hopLength);
  const weights = centredWindow(window, winLength, nFft);
  const skipped = center ? nFft / 2 : 0;
  const covered = nFft + hopLength * (matrix.shape[0] - 1);
  const { length = covered - 2 * skipped } = options;
  checkPositiveInteger('length', length);

  // As in librosa, frames that begin after the length wanted (and its padding) are left out of both sums.
  const frames = Math.min(matrix.shape[0], Math.ceil((length + 2 * skipped) / hopLength));
  const sum = new Float64Array(nFft + hopLength * (frames - 1));
  const weight = new Float64Array(sum.length);
  const fft = realFft(nFft);
  const frame = new Float64Array(nFft);
  const real = new Float64Array(bins);
  const imag = new Float64Array(bins);
  for (let i = 0; i < frames; i++) {
    real.set(matrix.real.subarray(i * bins, (i + 1) * bins));
    imag.set(matrix.imag.subarray(i * bins, (i + 1) * bins));
    fft.inverse(real, imag, frame);
    for (let n = 0; n < nFft; n++) {
      sum[i * hopLength + n] += weights[n] * frame[n];
      weight[i * hopLength + n] += weights[n] * weights[n];
    }
  }
  const out = new Float32Array(length);
  for (let n = 0; n < Math.min(length, sum.length - skipped); n++) {
    const total = weight[n + skipped];
    out[n] = total > smallestWeight ? sum[n + skipped] / total : sum[n + skipped];
  }
  return out;
}

/** Below this (the smallest normal number of single precision) a sum of squared windows counts as zero. */
const smallestWeight = 2 ** -126;
