import { checkPositive, checkPowerOfTwo } from './checks';

/** Fourier transform of `size` real samples to `size / 2 + 1` bins and back, in double precision. */
export interface RealFft {
  size: number;
  /**
   * X[k] = Σ x[n] · exp(-2πi·k·n / size), not scaled.
   *
   * @param input - shape [size]
   * @param real - output, shape [size / 2 + 1]
   * @param imag - output, shape [size / 2 + 1]
   */
  forward(input: Float64Array, real: Float64Array, imag: Float64Array): void;
  /**
   * Inverse of `forward`, scaled by 1 / size. The imaginary parts of the first and last bin are ignored.
   *
   * @param real - shape [size / 2 + 1]
   * @param imag - shape [size / 2 + 1]
   * @param out - output, shape [size]
   */
  inverse(real: Float64Array, imag: Float64Array, out: Float64Array): void;
}

const plans = new Map<number, RealFft>();

/**
 * Real FFT of one size. Twiddle factors and work buffers are computed once per size and cached.
 *
 * Pairs of samples are treated as complex numbers and transformed by a self-sorting (Stockham) radix-4 FFT; the result is then
 * split into the spectra of the even and odd samples.
 *
 * @param size - number of real samples, a power of two of at least 2
 * @throws InvalidArgumentError if `size` is not a power of two
 * @see Van Loan, Computational Frameworks for the Fast Fourier Transform (1992), sections 1.7 and 4.4; numpy 2 `numpy.fft.rfft`
 */
export function realFft(size: number): RealFft {
  const kept = plans.get(size);
  if (kept) return kept;
  checkPowerOfTwo('size', size);
  const half = size / 2;
  const transform = complexFft(half);
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const zReal = new Float64Array(half);
  const zImag = new Float64Array(half);

  const plan: RealFft = {
    size,
    forward(input, real, imag) {
      for (let n = 0; n < half; n++) {
        zReal[n] = input[2 * n];
        zImag[n] = input[2 * n + 1];
      }
      transform(zReal, zImag);
      real[0] = zReal[0] + zImag[0];
      real[half] = zReal[0] - zImag[0];
      imag[0] = imag[half] = 0;
      for (let k = 1; k < half; k++) {
        const mirror = half - k;
        const evenReal = (zReal[k] + zReal[mirror]) / 2;
        const evenImag = (zImag[k] - zImag[mirror]) / 2;
        const oddReal = (zImag[k] + zImag[mirror]) / 2;
        const oddImag = (zReal[mirror] - zReal[k]) / 2;
        real[k] = evenReal + cos[k] * oddReal + sin[k] * oddImag;
        imag[k] = evenImag + cos[k] * oddImag - sin[k] * oddReal;
      }
    },
    inverse(real, imag, out) {
      zReal[0] = (real[0] + real[half]) / 2;
      zImag[0] = (real[0] - real[half]) / 2;
      for (let k = 1; k < half; k++) {
        const mirror = half - k;
        const evenReal = (real[k] + real[mirror]) / 2;
        const evenImag = (imag[k] - imag[mirror]) / 2;
        const differenceReal = (real[k] - real[mirror]) / 2;
        const differenceImag = (imag[k] + imag[mirror]) / 2;
        const oddReal = cos[k] * differenceReal - sin[k] * differenceImag;
        const oddImag = cos[k] * differenceImag + sin[k] * differenceReal;
        zReal[k] = evenReal - oddImag;
        zImag[k] = evenImag + oddReal;
      }
      // With real and imaginary parts swapped, the forward transform computes the inverse.
      transform(zImag, zReal);
      for (let n = 0; n < half; n++) {
        out[2 * n] = zReal[n] / half;
        out[2 * n + 1] = zImag[n] / half;
      }
    },
  };
  plans.set(size, plan);
  return plan;
}

/** In-place complex FFT of a power-of-two size: radix-4 passes, and one radix-2 pass if the size is not a power of four. */
function complexFft(size: number): (real: Float64Array, imag: Float64Array) => void {
  const cos = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  const otherReal = new Float64Array(size);
  const otherImag = new Float64Array(size);

  return (real, imag) => {
    let [fromReal, fromImag]: Float64Array[] = [real, imag];
    let [toReal, toImag]: Float64Array[] = [otherReal, otherImag];
    let stride = 1;
    for (let length = size; length > 1;) {
      if (length === 2) radix2(fromReal, fromImag, toReal, toImag, stride);
      else radix4(fromReal, fromImag, toReal, toImag, stride, length / 4, cos, sin);
      [fromReal, fromImag, toReal, toImag] = [toReal, toImag, fromReal, fromImag];
      const radix = length === 2 ? 2 : 4;
      length /= radix;
      stride *= radix;
    }
    if (fromReal !== real) {
      real.set(fromReal);
      imag.set(fromImag);
    }
  };
}

function radix4(
  xReal: Float64Array,
  xImag: Float64Array,
  yReal: Float64Array,
  yImag: Float64Array,
  stride: number,
  quarter: number,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const step = stride * quarter;
  for (let p = 0; p < quarter; p++) {
    const turn = p * stride;
    const c1 = cos[turn];
    const s1 = sin[turn];
    const c2 = cos[2 * turn];
    const s2 = sin[2 * turn];
    const c3 = cos[3 * turn];
    const s3 = sin[3 * turn];
    for (let q = 0; q < stride; q++) {
      const a = q + turn;
      const b = a + step;
      const c = b + step;
      const d = c + step;
      const sumReal = xReal[a] + xReal[c];
      const sumImag = xImag[a] + xImag[c];
      const differenceReal = xReal[a] - xReal[c];
      const differenceImag = xImag[a] - xImag[c];
      const otherReal = xReal[b] + xReal[d];
      const otherImag = xImag[b] + xImag[d];
      // i · (b - d)
      const turnedReal = xImag[d] - xImag[b];
      const turnedImag = xReal[b] - xReal[d];
      const out = q + 4 * turn;
      yReal[out] = sumReal + otherReal;
      yImag[out] = sumImag + otherImag;
      const real1 = differenceReal - turnedReal;
      const imag1 = differenceImag - turnedImag;
      yReal[out + stride] = c1 * real1 + s1 * imag1;
      yImag[out + stride] = c1 * imag1 - s1 * real1;
      const real2 = sumReal - otherReal;
      const imag2 = sumImag - otherImag;
      yReal[out + 2 * stride] = c2 * real2 + s2 * imag2;
      yImag[out + 2 * stride] = c2 * imag2 - s2 * real2;
      const real3 = differenceReal + turnedReal;
      const imag3 = differenceImag + turnedImag;
      yReal[out + 3 * stride] = c3 * real3 + s3 * imag3;
      yImag[out + 3 * stride] = c3 * imag3 - s3 * real3;
    }
  }
}

function radix2(
  xReal: Float64Array,
  xImag: Float64Array,
  yReal: Float64Array,
  yImag: Float64Array,
  stride: number,
): void {
  for (let q = 0; q < stride; q++) {
    yReal[q] = xReal[q] + xReal[q + stride];
    yImag[q] = xImag[q] + xImag[q + stride];
    yReal[q + stride] = xReal[q] - xReal[q + stride];
    yImag[q + stride] = xImag[q] - xImag[q + stride];
  }
}

/**
 * Frequencies of the columns of an STFT.
 *
 * @returns Hz, from 0 to half the sample rate; shape [1 + nFft / 2]
 * @throws InvalidArgumentError if `sampleRate` is not positive or `nFft` is not a power of two
 * @see librosa 0.11 `librosa.fft_frequencies`
 */
export function fftFrequencies({ sampleRate = 22050, nFft = 2048 } = {}): Float64Array {
  checkPositive('sampleRate', sampleRate);
  checkPowerOfTwo('nFft', nFft);
  return Float64Array.from({ length: 1 + nFft / 2 }, (_, i) => (i * sampleRate) / nFft);
}
