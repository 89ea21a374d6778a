import { InvalidArgumentError } from '../base';
import { checkPositive } from './checks';
import { checkMatrix, type Matrix } from './matrix';
import { spectraOf, type StftOptions } from './stft';

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
