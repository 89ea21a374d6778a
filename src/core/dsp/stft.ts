import type { ComplexMatrix } from './matrix';
import { spectraOf, type StftOptions } from './spectra';

/**
 * Short-time Fourier transform: how a signal's spectrum changes over time. Frames are windowed and not scaled.
 *
 * Rows are frames, where librosa's are bins. Bin k lies at `k · sampleRate / nFft` Hz, frame i at sample `i · hopLength`.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames, nFft / 2 + 1]; centred, there are `1 + floor(samples / hopLength)` frames
 * @throws InvalidArgumentError if the signal is empty or not finite, `nFft` is not a power of two, `winLength` is above it,
 *   another length is not a positive integer, or the signal is shorter than `nFft` and `center` is false
 * @see librosa 0.11 `librosa.stft`
 */
export function stft(samples: Float32Array, options: StftOptions = {}): ComplexMatrix {
  const spectra = spectraOf(samples, options);
  const { frames, bins } = spectra;
  const real = new Float32Array(frames * bins);
  const imag = new Float32Array(frames * bins);
  for (let i = 0; i < frames; i++) {
    spectra.read(i);
    real.set(spectra.real, i * bins);
    imag.set(spectra.imag, i * bins);
  }
  return { real, imag, shape: [frames, bins] };
}
