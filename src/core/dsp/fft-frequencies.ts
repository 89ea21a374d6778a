import { checkPositive, checkPowerOfTwo } from './checks';

/**
 * The frequencies of an STFT's columns.
 *
 * @returns shape [1 + nFft / 2], Hz, from 0 to half the sample rate
 * @throws InvalidArgumentError if `sampleRate` is not positive or `nFft` is not a power of two
 * @see librosa 0.11 `librosa.fft_frequencies`
 */
export function fftFrequencies({ sampleRate = 22050, nFft = 2048 } = {}): Float64Array {
  checkPositive('sampleRate', sampleRate);
  checkPowerOfTwo('nFft', nFft);
  return Float64Array.from({ length: 1 + nFft / 2 }, (_, i) => (i * sampleRate) / nFft);
}
