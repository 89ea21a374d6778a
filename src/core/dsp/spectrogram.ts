import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkPowerOfTwo, checkSamples } from './checks';
import { realFft } from './fft';
import { centredWindow, frameSignal, type PadMode, type WindowName } from './frame-measures';
import { checkMatrix, type ComplexMatrix, type Matrix } from './matrix';

/** Frames and window of the short-time Fourier transform. */
export interface StftOptions {
  /** frame length in samples, a power of two; default 2048 */
  nFft?: number;
  /** samples between successive frames; default `winLength / 4` */
  hopLength?: number;
  /** window length in samples, at most `nFft`; a shorter window is centred in the frame; default `nFft` */
  winLength?: number;
  /** periodic window; default 'hann' */
  window?: WindowName;
  /** whether sample `i · hopLength` is the middle of frame i (true) or its start (false); default true */
  center?: boolean;
  /** padding of the signal if `center` is true; default 'constant' (zeros) */
  padMode?: PadMode;
}

/**
 * Short-time Fourier transform: the spectrum of each windowed frame of a signal, not scaled.
 *
 * Row i is the frame at sample `i · hopLength`, column k the frequency `k · sampleRate / nFft` (librosa has them the other way
 * round).
 *
 * @param samples - shape [samples], at least one
 * @returns shape [frames, nFft / 2 + 1]; if `center` is true, frames = `1 + floor(samples / hopLength)`
 * @throws InvalidArgumentError if the signal is empty or not finite, `nFft` is not a power of two, `winLength` is above it,
 *   another length is not a positive integer, or the signal is shorter than `nFft` and `center` is false
 * @see librosa 0.11 `librosa.stft`
 * @example
 * ```ts
 * const { real, imag, shape } = stft(samples, { nFft: 1024, hopLength: 256 });
 * ```
 */
export function stft(samples: Float32Array, options: StftOptions = {}): ComplexMatrix {
  const spectra = spectraOf(samples, options);
  const { frames, bins } = spectra;
  const real = new Float32Array(frames * bins);
  const imag = new Float32Array(frames * bins);
  for (let i = 0; i < frames; i++) {
    spectra.compute(i);
    real.set(spectra.real, i * bins);
    imag.set(spectra.imag, i * bins);
  }
  return { real, imag, shape: [frames, bins] };
}

/** Spectra of a signal's frames, computed one at a time. */
export interface Spectra {
  frames: number;
  /** nFft / 2 + 1 */
  bins: number;
  /** spectrum of the frame computed last, shape [bins] each; overwritten by `compute` */
  real: Float64Array;
  imag: Float64Array;
  /** computes the spectrum of frame i, 0 to frames - 1 */
  compute(i: number): void;
}

/** Frames for `stft` and `powerSpectrogram`. @throws InvalidArgumentError as {@link stft} */
function spectraOf(samples: Float32Array, options: StftOptions = {}): Spectra {
  const { nFft = 2048, window = 'hann', center = true, padMode = 'constant' } = options;
  checkSamples(samples);
  checkPowerOfTwo('nFft', nFft);
  const { winLength = nFft } = options;
  const { hopLength = defaultHop(winLength) } = options;
  const weights = centredWindow(window, winLength, nFft);
  const { padded, frames } = frameSignal(samples, ['nFft', nFft], hopLength, center, padMode);
  const fft = realFft(nFft);
  const frame = new Float64Array(nFft);
  const bins = nFft / 2 + 1;
  const real = new Float64Array(bins);
  const imag = new Float64Array(bins);
  const compute = (i: number): void => {
    const start = i * hopLength;
    for (let n = 0; n < nFft; n++) frame[n] = weights[n] * padded[start + n];
    fft.forward(frame, real, imag);
  };
  return { frames, bins, real, imag, compute };
}

/** A quarter of the window, as in librosa. */
export function defaultHop(winLength: number): number {
  return Math.max(1, Math.floor(winLength / 4));
}

/** Frames and window of the inverse short-time Fourier transform. */
export interface IstftOptions {
  /** must be `2 · (bins - 1)`, which is the default */
  nFft?: number;
  /** samples between successive frames; default `winLength / 4` */
  hopLength?: number;
  /** window length in samples, at most `nFft`; default `nFft` */
  winLength?: number;
  /** window of the forward transform; default 'hann' */
  window?: WindowName;
  /** `center` of the forward transform; default true */
  center?: boolean;
  /** length of the result, truncated or padded with zeros; default the length that the frames cover */
  length?: number;
}

/** Sums of squared windows up to this value (the smallest normal number in single precision) count as zero. */
const smallestWeight = 2 ** -126;

/**
 * Inverse short-time Fourier transform: the signal with the spectra closest to the given ones (least squares).
 *
 * `istft(stft(x), { length: x.length })` returns x wherever the sum of squared windows is not zero.
 *
 * @param matrix - spectra, shape [frames, nFft / 2 + 1]
 * @returns shape [length]
 * @throws InvalidArgumentError if the matrix does not match its shape or `nFft`, `nFft` is not a power of two, or another
 *   length is out of range
 * @see librosa 0.11 `librosa.istft`; Griffin and Lim (1984), doi 10.1109/TASSP.1984.1164317
 * @example
 * ```ts
 * const restored = istft(stft(samples), { length: samples.length });
 * ```
 */
export function istft(matrix: ComplexMatrix, options: IstftOptions = {}): Float32Array {
  checkMatrix('matrix.real', matrix.real, matrix.shape);
  checkMatrix('matrix.imag', matrix.imag, matrix.shape);
  const [, bins] = matrix.shape;
  const { nFft = 2 * (bins - 1), window = 'hann', center = true } = options;
  checkPowerOfTwo('nFft', nFft);
  if (nFft !== 2 * (bins - 1)) throw new InvalidArgumentError('nFft', `2 · (${bins} bins - 1)`, nFft);
  const { winLength = nFft } = options;
  const { hopLength = defaultHop(winLength) } = options;
  checkPositiveInteger('hopLength', hopLength);
  const weights = centredWindow(window, winLength, nFft);
  const skipped = center ? nFft / 2 : 0;
  const covered = nFft + hopLength * (matrix.shape[0] - 1);
  const { length = covered - 2 * skipped } = options;
  checkPositiveInteger('length', length);

  // As in librosa, frames that start beyond the requested length (and its padding) are left out of both sums.
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

/** Frames and exponent of a spectrogram. */
export interface PowerSpectrogramOptions extends StftOptions {
  /** samples between successive frames; default 512 for every `nFft`, as in librosa's features */
  hopLength?: number;
  /** exponent of the magnitude, 1 for magnitude, 2 for power; default 2 */
  power?: number;
}

/**
 * Magnitude of the short-time Fourier transform, raised to a power.
 *
 * @param samples - shape [samples], at least one
 * @returns shape [frames, nFft / 2 + 1]
 * @throws InvalidArgumentError if `power` is not positive, and as {@link stft}
 * @see librosa 0.11 `librosa.core.spectrum._spectrogram`
 * @example
 * ```ts
 * const db = powerToDb(powerSpectrogram(samples), { ref: 'max' });
 * ```
 */
export function powerSpectrogram(samples: Float32Array, options: PowerSpectrogramOptions = {}): Matrix {
  const { hopLength = 512, power = 2, ...stftOptions } = options;
  checkPositive('power', power);
  const spectra = spectraOf(samples, { ...stftOptions, hopLength });
  const { frames, bins, real, imag } = spectra;
  const data = new Float32Array(frames * bins);
  for (let i = 0; i < frames; i++) {
    spectra.compute(i);
    for (let k = 0; k < bins; k++) data[i * bins + k] = real[k] * real[k] + imag[k] * imag[k];
  }
  if (power !== 2) for (let i = 0; i < data.length; i++) data[i] = data[i] ** (power / 2);
  return { data, shape: [frames, bins] };
}

/** Reference, floor and dynamic range of the conversion to decibels. */
export interface PowerToDbOptions {
  /** power at 0 dB, at least 0 (values below `amin` count as `amin`), or 'max' for the maximum of the matrix; default 1 */
  ref?: number | 'max';
  /** minimum power, positive; lower values are raised to it; default 1e-10 */
  amin?: number;
  /** dynamic range in dB: lower values are raised to the maximum minus `topDb`; null for no limit; default 80 */
  topDb?: number | null;
}

/**
 * Converts power to decibels: 10 · log10(power / ref).
 *
 * @param matrix - power, any shape
 * @returns dB, same shape
 * @throws InvalidArgumentError if the matrix does not match its shape or an option is out of range
 * @see librosa 0.11 `librosa.power_to_db`
 */
export function powerToDb(matrix: Matrix, options: PowerToDbOptions = {}): Matrix {
  const { ref = 1, amin = 1e-10, topDb = 80 } = options;
  checkMatrix('matrix', matrix.data, matrix.shape);
  checkPositive('amin', amin);
  checkDbLimits({ ref, topDb });
  const { data, shape } = matrix;
  let largest = amin;
  for (let i = 0; i < data.length; i++) if (data[i] > largest) largest = data[i];
  const zero = 10 * Math.log10(ref === 'max' ? largest : Math.max(amin, ref));
  const floor = topDb === null ? -Infinity : 10 * Math.log10(largest) - zero - topDb;
  const db = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    db[i] = Math.max(10 * Math.log10(Math.max(amin, data[i])) - zero, floor);
  }
  return { data: db, shape: [...shape] };
}

/** @throws InvalidArgumentError if `ref` or `topDb` is out of range */
export function checkDbLimits({ ref, topDb }: Required<Pick<PowerToDbOptions, 'ref' | 'topDb'>>): void {
  if (ref !== 'max' && !(ref >= 0 && ref < Infinity)) {
    throw new InvalidArgumentError('ref', "a power of at least 0, or 'max'", ref);
  }
  if (topDb !== null && !(topDb >= 0)) {
    throw new InvalidArgumentError('topDb', 'at least 0 dB, or null for no limit', topDb);
  }
}
