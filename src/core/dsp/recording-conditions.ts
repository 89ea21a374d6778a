import { muLawDecode, muLawEncode, resample as plainResample } from '../audio';
import { InvalidArgumentError, type Random } from '../base';
import { checkPositive, checkSamples } from './checks';
import { realFft } from './fft';

/** Changes the sample rate; by default the plain function. */
export type Resample = (samples: Float32Array, fromRate: number, toRate: number) => Float32Array;

/** Sample rate of a telephone line, Hz. */
const telephoneRate = 8000;

/**
 * Sends a signal through a telephone line: 8 kHz and 8 bits with the µ-law of G.711.
 *
 * @param samples - shape [samples]; samples beyond ±1 are limited
 * @param options - `sampleRate` in Hz, an integer
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `sampleRate` is not an integer from 8 Hz to 8 MHz
 * @see ITU-T G.711 (1988); the same as `ffmpeg -ar 8000 -c:a pcm_mulaw` up to the resampling filter
 * @example
 * ```ts
 * const call = telephone(samples, { sampleRate: 22050 });
 * ```
 */
export function telephone(
  samples: Float32Array,
  { sampleRate, resample = plainResample }: { sampleRate: number; resample?: Resample },
): Float32Array {
  const narrow = resample(samples, sampleRate, telephoneRate);
  for (let i = 0; i < narrow.length; i++) narrow[i] = muLawDecode(muLawEncode(narrow[i]));
  return resized(resample(narrow, telephoneRate, sampleRate), samples.length);
}

/** Options of {@link reverberate}. */
export interface ReverberateOptions {
  /** Hz */
  sampleRate: number;
  /** reverberation time: the time in which the sound decays by 60 dB, seconds; 0.01 to 10 */
  rt60Sec: number;
  /** energy of the direct sound relative to that of the reverberation, dB: 10 near the microphone, -5 at the far end of a room */
  directDb: number;
  /** source of the reverberation */
  random: Random;
}

/**
 * Adds the reverberation of a room: convolves a signal with a synthetic impulse response, the direct sound followed by noise that decays
 * exponentially. The level of the direct sound does not change.
 *
 * @param samples - shape [samples], at least one
 * @returns a new array, shape [samples]: the reverberation after the end is cut off
 * @throws {@link InvalidArgumentError} if an option is out of range
 * @see Polack (1988); Lebart, Boucher and Denbigh (2001), A new method based on spectral subtraction for speech dereverberation
 * @example
 * ```ts
 * const inRoom = reverberate(samples, { sampleRate, rt60Sec: 0.5, directDb: 3, random: createRandom('clip.wav') });
 * ```
 */
export function reverberate(samples: Float32Array, options: ReverberateOptions): Float32Array {
  checkSamples(samples);
  return convolve(samples, roomResponse(options));
}

/** Time between the direct sound and the first reflections, seconds. */
const predelaySec = 0.003;

/** Impulse response of a synthetic room: 1, then decaying noise; shape [rt60Sec · sampleRate]. */
export function roomResponse({ sampleRate, rt60Sec, directDb, random }: ReverberateOptions): Float32Array {
  checkPositive('sampleRate', sampleRate);
  if (!(rt60Sec >= 0.01 && rt60Sec <= 10))
    throw new InvalidArgumentError('rt60Sec', 'a number from 0.01 to 10 (seconds)', rt60Sec);
  if (!(Math.abs(directDb) <= 60))
    throw new InvalidArgumentError('directDb', 'a number from -60 to 60 (dB)', directDb);
  const first = Math.max(1, Math.round(predelaySec * sampleRate));
  const response = random.normals(first + Math.ceil(rt60Sec * sampleRate));
  response.fill(0, 0, first);
  const decay = Math.log(1000) / (rt60Sec * sampleRate); // of the amplitude, per sample
  let energy = 0;
  for (let i = first; i < response.length; i++) {
    response[i] *= Math.exp(-decay * (i - first));
    energy += response[i] ** 2;
  }
  const gain = Math.sqrt(10 ** (-directDb / 10) / energy);
  for (let i = first; i < response.length; i++) response[i] *= gain;
  response[0] = 1;
  return response;
}

/** Options of {@link bandLimit}. */
export interface BandLimitOptions {
  /** Hz */
  sampleRate: number;
  /** lower cut-off (-6 dB), Hz; 0 keeps low frequencies */
  lowHz: number;
  /** upper cut-off (-6 dB), Hz; from half the sample rate on, high frequencies are kept */
  highHz: number;
}

/** Half the length of the filter of {@link bandLimit}, seconds: its transitions are 100 Hz wide. */
const halfFilterSec = 0.02;

/**
 * Keeps the frequencies of a band, as a cheap microphone or loudspeaker does, with a linear-phase filter without delay.
 *
 * @param samples - shape [samples], at least one
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if a frequency is negative or the lower one is not below the upper one
 * @example
 * ```ts
 * const narrow = bandLimit(samples, { sampleRate, lowHz: 300, highHz: 3400 });
 * ```
 */
export function bandLimit(
  samples: Float32Array,
  { sampleRate, lowHz, highHz }: BandLimitOptions,
): Float32Array {
  checkSamples(samples);
  checkPositive('sampleRate', sampleRate);
  if (!(lowHz >= 0 && lowHz < sampleRate / 2))
    throw new InvalidArgumentError('lowHz', `at least 0 and below half of ${sampleRate} (Hz)`, lowHz);
  if (!(highHz > lowHz)) throw new InvalidArgumentError('highHz', `above lowHz (${lowHz} Hz)`, highHz);
  const half = Math.ceil(halfFilterSec * sampleRate);
  const low = (2 * lowHz) / sampleRate;
  const high = Math.min(1, (2 * highHz) / sampleRate);
  const filter = Float32Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = i - half;
    const band =
      t === 0 ? high - low : (Math.sin(Math.PI * high * t) - Math.sin(Math.PI * low * t)) / (Math.PI * t);
    return band * (0.54 + 0.46 * Math.cos((Math.PI * t) / half)); // Hamming window
  });
  const padded = new Float32Array(samples.length + half);
  padded.set(samples);
  return convolve(padded, filter).slice(half);
}

/**
 * Limits a signal to a part of its peak, as an overloaded microphone does.
 *
 * @param samples - shape [samples]
 * @param options - `peakShare`: largest magnitude of the result relative to the peak, in (0, 1]
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `peakShare` is out of range
 */
export function clipPeaks(samples: Float32Array, { peakShare }: { peakShare: number }): Float32Array {
  if (!(peakShare > 0 && peakShare <= 1))
    throw new InvalidArgumentError('peakShare', 'above 0 and at most 1', peakShare);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const limit = peak * peakShare;
  return samples.map((sample) => Math.max(-limit, Math.min(limit, sample)));
}

/**
 * Changes speed and pitch together, like a tape: by resampling.
 *
 * @param samples - shape [samples], at least one
 * @param options - `rate`: 1.1 is 10 % faster and higher; 0.1 to 10, rounded to multiples of 0.005
 * @returns shape [ceil(samples / rate)]
 * @throws {@link InvalidArgumentError} if `rate` is out of range
 * @see librosa 0.11 `librosa.resample(y, orig_sr=rate · sampleRate, target_sr=sampleRate)`
 */
export function changeSpeed(
  samples: Float32Array,
  { rate, resample = plainResample }: { rate: number; resample?: Resample },
): Float32Array {
  checkSamples(samples);
  if (!(rate >= 0.1 && rate <= 10)) throw new InvalidArgumentError('rate', 'a number from 0.1 to 10', rate);
  // Few different ratios, so that their filters can be reused.
  return resample(samples, Math.round(rate * 200), 200);
}

/** Cuts off or pads with zeros. */
function resized(samples: Float32Array, length: number): Float32Array {
  if (samples.length === length) return samples;
  const out = new Float32Array(length);
  out.set(samples.subarray(0, length));
  return out;
}

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
