import { checkPositive } from './checks';
import type { Matrix } from './matrix';
import { spectraOf, type StftOptions } from './spectra';

export interface PowerSpectrogramOptions extends StftOptions {
  /** samples from one frame to the next; default 512 whatever `nFft` is, as in librosa's features */
  hopLength?: number;
  /** exponent of the magnitude: 1 for magnitudes, 2 for powers; default 2 */
  power?: number;
}

/**
 * Magnitudes of the short-time Fourier transform, raised to a power.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames, nFft / 2 + 1]
 * @throws InvalidArgumentError if `power` is not positive, and as `stft` does
 * @see librosa 0.11 `librosa.core.spectrum._spectrogram`
 */
export function powerSpectrogram(samples: Float32Array, options: PowerSpectrogramOptions = {}): Matrix {
  const { hopLength = 512, power = 2, ...stftOptions } = options;
  checkPositive('power', power);
  const spectra = spectraOf(samples, { ...stftOptions, hopLength });
  const { frames, bins, real, imag } = spectra;
  const data = new Float32Array(frames * bins);
  for (let i = 0; i < frames; i++) {
    spectra.read(i);
    for (let k = 0; k < bins; k++) data[i * bins + k] = real[k] * real[k] + imag[k] * imag[k];
  }
  if (power !== 2) for (let i = 0; i < data.length; i++) data[i] = data[i] ** (power / 2);
  return { data, shape: [frames, bins] };
}
