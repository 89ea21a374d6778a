import { InvalidArgumentError } from '../base';
import { checkPositive, checkSamples } from './checks';
import { realFft } from './fft';
import { istft, stft } from './stft';

const nFft = 1024;
const hopLength = 256;
/** Cepstral coefficients up to this quefrency describe the spectral envelope, seconds: half the period of a voice at 250 Hz. */
const envelopeSec = 0.002;
/** Maximum change of a bin, factor of the amplitude: 30 dB. */
const maxGain = 10 ** 1.5;

/**
 * Changes the length of the speaker's vocal tract: moves the formants, and keeps pitch and duration. The spectral envelope of each
 * frame, from its low cepstral coefficients, is stretched along the frequency axis.
 *
 * @param samples - shape [samples], at least one
 * @param options - `sampleRate` in Hz; `factor`: formants are multiplied by it, 1.15 for a child-like and 0.9 for a larger speaker;
 *   0.5 to 2
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `factor` is out of range
 * @see Jaitly and Hinton (2013), Vocal tract length perturbation improves speech recognition
 * @example
 * ```ts
 * const smaller = changeVocalTract(samples, { sampleRate: 22050, factor: 1.1 });
 * ```
 */
export function changeVocalTract(
  samples: Float32Array,
  { sampleRate, factor }: { sampleRate: number; factor: number },
): Float32Array {
  checkSamples(samples);
  checkPositive('sampleRate', sampleRate);
  if (!(factor >= 0.5 && factor <= 2))
    throw new InvalidArgumentError('factor', 'a number from 0.5 to 2', factor);
  const spectra = stft(samples, { nFft, hopLength });
  const [frames, bins] = spectra.shape;
  const fft = realFft(nFft);
  const kept = Math.min(bins - 1, Math.max(1, Math.round(envelopeSec * sampleRate)));
  const log = new Float64Array(bins);
  const zero = new Float64Array(bins);
  const cepstrum = new Float64Array(nFft);
  const envelope = new Float64Array(bins);
  const unused = new Float64Array(bins);
  for (let i = 0; i < frames; i++) {
    const real = spectra.real.subarray(i * bins, (i + 1) * bins);
    const imag = spectra.imag.subarray(i * bins, (i + 1) * bins);
    for (let k = 0; k < bins; k++) log[k] = Math.log(Math.hypot(real[k], imag[k]) + 1e-6);
    fft.inverse(log, zero, cepstrum);
    cepstrum.fill(0, kept + 1, nFft - kept);
    fft.forward(cepstrum, envelope, unused);
    for (let k = 0; k < bins; k++) {
      const source = Math.min(bins - 1, k / factor);
      const below = Math.floor(source);
      const above = Math.min(bins - 1, below + 1);
      const moved = envelope[below] + (source - below) * (envelope[above] - envelope[below]);
      const gain = Math.max(1 / maxGain, Math.min(maxGain, Math.exp(moved - envelope[k])));
      real[k] *= gain;
      imag[k] *= gain;
    }
  }
  return istft(spectra, { nFft, hopLength, length: samples.length });
}
