import { InvalidArgumentError } from '../base';
import { checkPositiveInteger } from './checks';
import { checkMatrix, type Matrix } from './matrix';
import { melSpectrogram, type MelSpectrogramOptions } from './mel';
import { powerToDb } from './spectrogram';

/** Number, scale and liftering of cepstral coefficients. */
export interface MfccFromDbOptions {
  /** number of coefficients, at most the number of mel bands; default 20 */
  nMfcc?: number;
  /** 'ortho' for the orthonormal cosine transform, null for the plain one, 2 · Σ x[n] · cos(…); default 'ortho' */
  norm?: 'ortho' | null;
  /** liftering: coefficient k is multiplied by 1 + lifter / 2 · sin(π·(k + 1) / lifter); default 0 (none) */
  lifter?: number;
}

/** Frames, mel bands and coefficients of MFCC. As in librosa, `norm` is that of the cosine transform and `melNorm` that of the filters. */
export interface MfccOptions extends Omit<MelSpectrogramOptions, 'norm'>, MfccFromDbOptions {
  /** `norm` of {@link melSpectrogram}: 'slaney' for filters of equal area, null for triangles of height 1; default 'slaney' */
  melNorm?: 'slaney' | null;
}

/**
 * Mel-frequency cepstral coefficients, a compact description of the spectral envelope of each frame.
 *
 * They are the DCT-II (orthonormal by default) of a mel spectrogram in dB (`ref` 1, `topDb` 80).
 *
 * @param samples - shape [samples], at least one
 * @returns shape [frames, nMfcc]
 * @throws InvalidArgumentError if `nMfcc` is not in 1 … nMels, `lifter` is negative or `norm` is unknown, and as {@link melSpectrogram}
 * @see librosa 0.11 `librosa.feature.mfcc`; Davis and Mermelstein (1980)
 * @example
 * ```ts
 * const { data, shape } = mfcc(samples, { sampleRate: 16000, nMfcc: 13 });
 * ```
 */
export function mfcc(samples: Float32Array, options: MfccOptions = {}): Matrix {
  return mfccFromDb(powerToDb(melSpectrogram(samples, { ...options, norm: options.melNorm })), options);
}

/**
 * MFCC of a log-mel spectrogram, the last step of {@link mfcc}.
 *
 * @param logMel - dB, shape [frames, nMels]
 * @returns shape [frames, nMfcc]
 * @throws InvalidArgumentError if `nMfcc` is not in 1 … nMels, `lifter` is negative, `norm` is unknown, or the matrix does not match
 *   its shape
 * @see librosa 0.11 `librosa.feature.mfcc(S=…)`
 */
export function mfccFromDb(logMel: Matrix, options: MfccFromDbOptions = {}): Matrix {
  const { nMfcc, lifter, norm } = mfccDefaults(options, logMel.shape[1]);
  const { data, shape } = dct(logMel, { nCoefficients: nMfcc, norm });
  if (lifter > 0) {
    for (let i = 0; i < data.length; i++) data[i] *= lifterWeight(i % nMfcc, lifter);
  }
  return { data, shape };
}

/** The options with defaults filled in. @throws InvalidArgumentError as {@link mfccFromDb} */
export function mfccDefaults(options: MfccFromDbOptions, nMels: number): Required<MfccFromDbOptions> {
  const { nMfcc = 20, lifter = 0, norm = 'ortho' } = options;
  checkPositiveInteger('nMfcc', nMfcc, 2 ** 16);
  if (nMfcc > nMels) throw new InvalidArgumentError('nMfcc', `at most the ${nMels} mel bands`, nMfcc);
  if (!(lifter >= 0 && lifter < Infinity)) {
    throw new InvalidArgumentError('lifter', 'a number of at least 0', lifter);
  }
  checkDctNorm(norm, 'the mel filters have their own option, melNorm');
  return { nMfcc, lifter, norm };
}

function checkDctNorm(norm: unknown, remedy?: string): void {
  if (norm === 'ortho' || norm === null) return;
  throw new InvalidArgumentError('norm', "'ortho' or null", norm, remedy);
}

/** Factor of coefficient `k`; `lifter` is positive. */
export function lifterWeight(k: number, lifter: number): number {
  return 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter);
}

/** Options of {@link dct}. */
export interface DctOptions {
  /** number of coefficients kept per row, at most the number of columns; default all */
  nCoefficients?: number;
  /** 'ortho' for the orthonormal transform, null for 2 · Σ x[n] · cos(π·k·(2n + 1) / 2N); default 'ortho' */
  norm?: 'ortho' | null;
}

/**
 * Discrete cosine transform (type II) of each row, by default the orthonormal one: y[k] = √(2/N) · Σ x[n] · cos(π·k·(2n + 1) / 2N), where y[0] is
 * divided by √2.
 *
 * @param matrix - shape [rows, N]
 * @returns shape [rows, nCoefficients]
 * @throws InvalidArgumentError if the matrix does not match its shape or `nCoefficients` is not in 1 … N, or `norm` is unknown
 * @see scipy 1.17 `scipy.fft.dct(type=2, norm='ortho')`
 */
export function dct(matrix: Matrix, options: DctOptions = {}): Matrix {
  const { data, shape } = matrix;
  checkMatrix('matrix', data, shape);
  const [rows, columns] = shape;
  const { nCoefficients = columns, norm = 'ortho' } = options;
  checkDctNorm(norm);
  checkPositiveInteger('nCoefficients', nCoefficients, 2 ** 16);
  if (nCoefficients > columns) {
    throw new InvalidArgumentError('nCoefficients', `at most the ${columns} columns`, nCoefficients);
  }
  const basis = cosineBasis(nCoefficients, columns, norm);
  const out = new Float32Array(rows * nCoefficients);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < nCoefficients; k++) {
      let sum = 0;
      for (let n = 0; n < columns; n++) sum += basis[k * columns + n] * data[row * columns + n];
      out[row * nCoefficients + k] = sum;
    }
  }
  return { data: out, shape: [rows, nCoefficients] };
}

/** Shape [count, length]. The angle is reduced to one turn in integers, so that large k · n do not lose precision. */
function cosineBasis(count: number, length: number, norm: 'ortho' | null): Float64Array {
  const cosines = Float64Array.from({ length: 4 * length }, (_, i) => Math.cos((Math.PI * i) / (2 * length)));
  return Float64Array.from({ length: count * length }, (_, i) => {
    const k = Math.floor(i / length);
    const n = i % length;
    const scale = norm === null ? 2 : Math.sqrt((k === 0 ? 1 : 2) / length);
    return scale * cosines[(k * (2 * n + 1)) % (4 * length)];
  });
}

/** Options of {@link delta}. */
export interface DeltaOptions {
  /** number of frames in the polynomial fit, odd, at least 3, above `order`; default 9 */
  width?: number;
  /** order of the derivative and degree of the polynomial, a positive integer; default 1 */
  order?: number;
  /**
   * the first and last `width / 2` frames: 'interp' evaluates the fit of the first or last `width` frames, 'nearest' repeats
   * the first or last frame; default 'interp'
   */
  mode?: 'interp' | 'nearest';
}

/**
 * Derivative of each column over time, from a polynomial fitted around each frame (Savitzky-Golay filter).
 *
 * @param matrix - shape [frames, coefficients]
 * @returns same shape
 * @throws InvalidArgumentError if the matrix does not match its shape, an option is out of range, or `mode` is 'interp' and
 *   there are fewer frames than `width`
 * @see librosa 0.11 `librosa.feature.delta`; scipy 1.17 `scipy.signal.savgol_filter`
 * @example
 * ```ts
 * const coefficients = mfcc(samples);
 * const velocity = delta(coefficients);
 * const acceleration = delta(coefficients, { order: 2 });
 * ```
 */
export function delta(matrix: Matrix, options: DeltaOptions = {}): Matrix {
  const { width = 9, order = 1, mode = 'interp' } = options;
  const { data, shape } = matrix;
  checkMatrix('matrix', data, shape);
  checkPositiveInteger('order', order);
  if (!Number.isSafeInteger(width) || width < 3 || width % 2 !== 1) {
    throw new InvalidArgumentError('width', 'an odd integer of at least 3', width);
  }
  if (width <= order) throw new InvalidArgumentError('width', `above the order (${order})`, width);
  if (!['interp', 'nearest'].includes(mode)) {
    throw new InvalidArgumentError('mode', "'interp' or 'nearest'", mode);
  }
  const [frames, columns] = shape;
  if (mode === 'interp' && width > frames) {
    throw new InvalidArgumentError('width', `at most the ${frames} frames if mode is 'interp'`, width);
  }
  const weights = derivativeWeights(width, order);
  const half = (width - 1) / 2;
  const out = new Float32Array(data.length);
  for (let frame = 0; frame < frames; frame++) {
    // The highest derivative of a polynomial is constant, so at an edge that of the outermost complete window holds.
    const middle = mode === 'interp' ? clamp(frame, half, frames - 1 - half) : frame;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const source = clamp(middle - half + i, 0, frames - 1);
        sum += weights[i] * data[source * columns + column];
      }
      out[frame * columns + column] = sum;
    }
  }
  return { data: out, shape: [...shape] };
}

/**
 * Weights for the m-th derivative of a fitted polynomial of degree m. It equals m! times the highest coefficient, which is the
 * projection on the monic orthogonal (Gram) polynomial of that degree.
 */
function derivativeWeights(width: number, order: number): Float64Array {
  const x = Float64Array.from({ length: width }, (_, i) => i - (width - 1) / 2);
  let previous = new Float64Array(width);
  let polynomial = new Float64Array(width).fill(1);
  let norm = width;
  let ratio = 0;
  let factorial = 1;
  for (let degree = 1; degree <= order; degree++) {
    const next = polynomial.map((value, i) => x[i] * value - ratio * previous[i]);
    const nextNorm = next.reduce((sum, value) => sum + value * value, 0);
    [previous, polynomial, ratio, norm] = [polynomial, next, nextNorm / norm, nextNorm];
    factorial *= degree;
  }
  return polynomial.map((value) => (factorial * value) / norm);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
