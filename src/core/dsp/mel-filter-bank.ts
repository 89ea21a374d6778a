import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkPowerOfTwo } from './checks';
import type { Matrix } from './matrix';
import { melFrequencies } from './mel-scale';

/** Filters of a mel spectrogram. */
export interface MelOptions {
  /** Hz; default 22050 */
  sampleRate?: number;
  /** number of filters; default 128 */
  nMels?: number;
  /** where the first filter starts, at least 0 Hz; default 0 */
  fMin?: number;
  /** where the last filter ends, at most half the sample rate; default half the sample rate */
  fMax?: number;
  /** HTK's mel scale instead of Slaney's; default false */
  htk?: boolean;
  /** 'slaney' for filters of equal area (2 / width in Hz), null for triangles of height 1; default 'slaney' */
  norm?: 'slaney' | null;
}

export interface MelFilterBankOptions extends MelOptions {
  /** length of the Fourier transform, a power of two; default 2048 */
  nFft?: number;
}

/**
 * Triangular filters, evenly spaced on the mel scale, that turn a spectrum into mel bands. A filter narrower than a bin
 * may be empty, as in librosa.
 *
 * @returns shape [nMels, nFft / 2 + 1]
 * @throws InvalidArgumentError if a number is not positive, `nFft` is not a power of two, `fMax` is above half the sample
 *   rate, `fMin` is not in [0, fMax), or `norm` is not known
 * @see librosa 0.11 `librosa.filters.mel`; Slaney, Auditory Toolbox (1998)
 */
export function melFilterBank(options: MelFilterBankOptions = {}): Matrix {
  const { sampleRate = 22050, nFft = 2048, nMels = 128, fMin = 0, htk = false, norm = 'slaney' } = options;
  checkPositive('sampleRate', sampleRate);
  checkPowerOfTwo('nFft', nFft);
  checkPositiveInteger('nMels', nMels);
  const { fMax = sampleRate / 2 } = options;
  if (!(fMax <= sampleRate / 2)) {
    throw new InvalidArgumentError('fMax', `at most half the sample rate (${sampleRate / 2} Hz)`, fMax);
  }
  if (!['slaney', null].includes(norm)) throw new InvalidArgumentError('norm', "'slaney' or null", norm);
  const edges = melFrequencies(nMels + 2, { fMin, fMax, htk });
  const bins = nFft / 2 + 1;
  const data = new Float32Array(nMels * bins);
  for (let mel = 0; mel < nMels; mel++) {
    const [left, peak, right] = edges.subarray(mel, mel + 3);
    const height = norm === 'slaney' ? 2 / (right - left) : 1;
    for (let k = 0; k < bins; k++) {
      const hz = (k * sampleRate) / nFft;
      const weight = Math.min((hz - left) / (peak - left), (right - hz) / (right - peak));
      if (weight > 0) data[mel * bins + k] = height * weight;
    }
  }
  return { data, shape: [nMels, bins] };
}
