import { checkSamples } from './checks';
import { realFft } from './fft';

/**
 * Convolves a signal with a filter, with the fast Fourier transform.
 *
 * @param samples - shape [samples], at least one
 * @param filter - impulse response, shape [taps], at least one
 * @returns the first `samples` values of the convolution, shape [samples]
 * @throws InvalidArgumentError if the signal or the filter is empty
 * @see scipy 1.17 `scipy.signal.fftconvolve(samples, filter)[:len(samples)]`
 */
export function convolve(samples: Float32Array, filter: Float32Array): Float32Array {
  checkSamples(samples);
  checkSamples(filter);
  // Overlap-add: blocks of the signal that fill a transform of twice the filter's length.
  const size =
    2 ** Math.ceil(Math.log2(Math.max(1024, Math.min(4 * filter.length, samples.length + filter.length))));
  const block = size - filter.length + 1;
  const fft = realFft(size);
  const bins = size / 2 + 1;
  const transformed = () => ({ real: new Float64Array(bins), imag: new Float64Array(bins) });
  const response = transformed();
  const part = new Float64Array(size);
  part.set(filter);
  fft.forward(part, response.real, response.imag);
  const { real, imag } = transformed();
  const out = new Float32Array(samples.length);
  const sum = new Float64Array(samples.length);
  for (let start = 0; start < samples.length; start += block) {
    const input = samples.subarray(start, start + block);
    part.fill(0);
    part.set(input);
    fft.forward(part, real, imag);
    for (let k = 0; k < bins; k++) {
      const re = real[k] * response.real[k] - imag[k] * response.imag[k];
      imag[k] = real[k] * response.imag[k] + imag[k] * response.real[k];
      real[k] = re;
    }
    fft.inverse(real, imag, part);
    const end = Math.min(size, samples.length - start);
    for (let i = 0; i < end; i++) sum[start + i] += part[i];
  }
  out.set(sum);
  return out;
}
