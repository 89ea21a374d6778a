import { InvalidArgumentError } from '../base';
import { checkPositive, checkPositiveInteger, checkPowerOfTwo, checkSize } from './checks';
import type { Matrix } from './matrix';
import { powerSpectrogram, type PowerSpectrogramOptions } from './spectrogram';

/** Mel filter bank. */
export interface MelOptions {
  /** Hz; default 22050 */
  sampleRate?: number;
  /** number of mel bands; default 128 */
  nMels?: number;
  /** lowest frequency, at least 0 Hz; default 0 */
  fMin?: number;
  /** highest frequency, at most half the sample rate, which is the default */
  fMax?: number;
  /** HTK's mel scale instead of Slaney's; default false */
  htk?: boolean;
  /** 'slaney' for filters of equal area (2 / width in Hz), null for triangles of height 1; default 'slaney' */
  norm?: 'slaney' | null;
}

/** Frames and mel bands of a mel spectrogram. */
export interface MelSpectrogramOptions extends PowerSpectrogramOptions, MelOptions {}

/**
 * Mel spectrogram: the power spectrogram multiplied by {@link melFilterBank}.
 *
 * Defaults as in librosa: Slaney's scale and norm, power, centred frames of 2048 samples with a hop of 512, zero padding.
 *
 * @param samples - shape [samples], at least one
 * @returns shape [frames, nMels]
 * @throws InvalidArgumentError as {@link powerSpectrogram} and {@link melFilterBank}
 * @see librosa 0.11 `librosa.feature.melspectrogram`
 * @example
 * ```ts
 * const logMel = powerToDb(melSpectrogram(samples, { nMels: 64 }), { ref: 'max' });
 * ```
 */
export function melSpectrogram(samples: Float32Array, options: MelSpectrogramOptions = {}): Matrix {
  const { sampleRate, nFft, nMels, fMin, fMax, htk, norm } = options;
  const { weights, first, end } = sparseBank({ sampleRate, nFft, nMels, fMin, fMax, htk, norm });
  const spectrogram = powerSpectrogram(samples, options);
  const [frames, bins] = spectrogram.shape;
  const [mels] = weights.shape;
  const data = new Float32Array(frames * mels);
  for (let i = 0; i < frames; i++) {
    for (let mel = 0; mel < mels; mel++) {
      let sum = 0;
      for (let k = first[mel]; k < end[mel]; k++) {
        sum += weights.data[mel * bins + k] * spectrogram.data[i * bins + k];
      }
      data[i * mels + mel] = sum;
    }
  }
  return { data, shape: [frames, mels] };
}

/** Filter bank with the range of non-zero weights: filter m covers bins `first[m]` to `end[m] - 1`. */
interface SparseBank {
  weights: Matrix;
  first: Int32Array;
  end: Int32Array;
}

/** Number of cached banks; a batch of clips needs one. */
const maxBanks = 8;
const banks = new Map<string, SparseBank>();

function sparseBank(options: MelFilterBankOptions): SparseBank {
  const key = JSON.stringify(options);
  const cached = banks.get(key);
  if (cached) return cached;
  const weights = melFilterBank(options);
  const [mels, bins] = weights.shape;
  const first = new Int32Array(mels);
  const end = new Int32Array(mels);
  for (let mel = 0; mel < mels; mel++)
    [first[mel], end[mel]] = nonZeroRange(weights.data.subarray(mel * bins, (mel + 1) * bins));
  const bank = { weights, first, end };
  const [oldest] = banks.keys();
  if (banks.size >= maxBanks) banks.delete(oldest);
  banks.set(key, bank);
  return bank;
}

/** First non-zero weight of a filter and the position after the last; [0, 0] for an empty filter. */
export function nonZeroRange(filter: Float32Array): [first: number, end: number] {
  const first = filter.findIndex((weight) => weight > 0);
  return [Math.max(0, first), filter.findLastIndex((weight) => weight > 0) + 1];
}

/** Mel bands and length of the Fourier transform. */
export interface MelFilterBankOptions extends MelOptions {
  /** length of the Fourier transform, a power of two; default 2048 */
  nFft?: number;
}

/**
 * Triangular filters, evenly spaced on the mel scale, that map a spectrum to mel bands. A filter narrower than one bin may be
 * empty, as in librosa.
 *
 * @returns shape [nMels, nFft / 2 + 1]
 * @throws InvalidArgumentError if `sampleRate` or `nMels` is not positive, `nFft` is not a power of two, `fMax` is above half the
 *   sample rate, `fMin` is not in [0, fMax), or `norm` is unknown
 * @see librosa 0.11 `librosa.filters.mel`; Slaney, Auditory Toolbox (1998)
 * @example
 * ```ts
 * const { data, shape } = melFilterBank({ sampleRate: 16000, nFft: 1024, nMels: 40 }); // shape [40, 513]
 * ```
 */
export function melFilterBank(options: MelFilterBankOptions = {}): Matrix {
  const { sampleRate = 22050, nFft = 2048, nMels = 128, fMin = 0, htk = false, norm = 'slaney' } = options;
  checkPositive('sampleRate', sampleRate);
  checkPowerOfTwo('nFft', nFft);
  checkPositiveInteger('nMels', nMels, 2 ** 16);
  checkSize('nMels', nMels, nMels, nFft / 2 + 1);
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

/** Choice of the mel scale. */
export interface MelScaleOptions {
  /** HTK's formula, 2595 · log10(1 + f / 700), instead of Slaney's scale; default false */
  htk?: boolean;
}

/** Frequency range and mel scale. */
export interface MelFrequenciesOptions extends MelScaleOptions {
  /** lowest frequency, at least 0 Hz; default 0 */
  fMin?: number;
  /** highest frequency, above `fMin`; default 11025 Hz */
  fMax?: number;
}

/**
 * Centre frequencies of mel bands, the axis of a mel spectrogram's columns.
 *
 * @param nMels - number of bands, a positive integer
 * @returns Hz, ascending; shape [nMels]
 * @throws InvalidArgumentError as `melFrequencies`
 */
export function melBandCentres(nMels: number, options: MelFrequenciesOptions = {}): Float64Array {
  return melFrequencies(nMels + 2, options).slice(1, -1);
}

/**
 * Frequencies evenly spaced on the mel scale, from `fMin` to `fMax` inclusive.
 *
 * @param count - a positive integer
 * @returns Hz, ascending; shape [count]
 * @throws InvalidArgumentError if `count` is not a positive integer or `fMin` is not in [0, fMax)
 * @see librosa 0.11 `librosa.mel_frequencies`
 */
export function melFrequencies(count: number, options: MelFrequenciesOptions = {}): Float64Array {
  const { fMin = 0, fMax = 11025, htk = false } = options;
  checkPositiveInteger('count', count);
  if (!(fMin >= 0 && fMin < fMax)) {
    throw new InvalidArgumentError('fMin', `at least 0 and below fMax (${fMax} Hz)`, fMin);
  }
  const low = hzToMel(fMin, { htk });
  const step = count > 1 ? (hzToMel(fMax, { htk }) - low) / (count - 1) : 0;
  return Float64Array.from({ length: count }, (_, i) => melToHz(low + i * step, { htk }));
}

/** Slaney's scale is linear up to 1000 Hz (15 mel), then logarithmic: 27 mel for a factor of 6.4. */
const slaney = { hzPerMel: 200 / 3, bendHz: 1000, bendMel: 15, logStep: Math.log(6.4) / 27 };

/**
 * Converts Hz to mel, a scale of perceived pitch.
 *
 * @param hz - at least 0
 * @returns mel, on Slaney's scale (Auditory Toolbox) unless `htk` is set
 * @throws InvalidArgumentError if `hz` is negative or not finite
 * @see librosa 0.11 `librosa.hz_to_mel`
 */
export function hzToMel(hz: number, { htk = false }: MelScaleOptions = {}): number {
  if (!(hz >= 0 && hz < Infinity)) throw new InvalidArgumentError('hz', 'a number of at least 0 (Hz)', hz);
  if (htk) return 2595 * Math.log10(1 + hz / 700);
  if (hz < slaney.bendHz) return hz / slaney.hzPerMel;
  return slaney.bendMel + Math.log(hz / slaney.bendHz) / slaney.logStep;
}

/**
 * Converts mel to Hz, the inverse of {@link hzToMel}.
 *
 * @param mel - at least 0
 * @returns Hz
 * @throws InvalidArgumentError if `mel` is negative or not finite
 * @see librosa 0.11 `librosa.mel_to_hz`
 */
export function melToHz(mel: number, { htk = false }: MelScaleOptions = {}): number {
  if (!(mel >= 0 && mel < Infinity)) throw new InvalidArgumentError('mel', 'a number of at least 0', mel);
  if (htk) return 700 * (10 ** (mel / 2595) - 1);
  if (mel < slaney.bendMel) return mel * slaney.hzPerMel;
  return slaney.bendHz * Math.exp(slaney.logStep * (mel - slaney.bendMel));
}
