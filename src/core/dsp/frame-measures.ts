import { InvalidArgumentError, quantile } from '../base';
import { checkPositiveInteger, checkSamples, checkSize } from './checks';

/** Values outside the signal: zeros, the signal mirrored at its first and last sample, or the first and last sample repeated. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** Frame i consists of the samples of `padded` from `i · hopLength` on. */
export interface Framing {
  padded: Float32Array;
  frames: number;
}

/**
 * Divides a signal into overlapping frames.
 *
 * If `center` is true, the signal is padded by half a frame at both ends, and the middle of frame i is sample `i · hopLength`.
 * Otherwise frame i starts at that sample, and an incomplete last frame is dropped.
 *
 * @param samples - shape [samples]
 * @param frameLength - name and value of the parameter, so that errors can name it
 * @throws InvalidArgumentError if a length is not a positive integer, the mode is unknown, or the signal is shorter than a frame
 * @see librosa 0.11 `librosa.util.frame` and the padding of `librosa.stft`
 */
export function frameSignal(
  samples: Float32Array,
  [name, frameLength]: [name: string, value: number],
  hopLength: number,
  center: boolean,
  padMode: PadMode,
): Framing {
  checkPositiveInteger(name, frameLength);
  checkPositiveInteger('hopLength', hopLength);
  const padded = center ? pad(samples, Math.floor(frameLength / 2), padMode) : samples;
  if (padded.length < frameLength) throw tooShort(name, frameLength, samples);
  const frames = 1 + Math.floor((padded.length - frameLength) / hopLength);
  checkSize('hopLength', hopLength, frames, Math.ceil(frameLength / 2));
  return { padded, frames };
}

/** The error for a signal that is shorter than a frame. */
export function tooShort(name: string, frameLength: number, samples: Float32Array): InvalidArgumentError {
  const rule = `at most the signal's ${samples.length} samples where center is false`;
  return new InvalidArgumentError(name, rule, frameLength);
}

/** As `numpy.pad` with `count` values at both ends. */
function pad(samples: Float32Array, count: number, mode: PadMode): Float32Array {
  const padded = new Float32Array(samples.length + 2 * count);
  padded.set(samples, count);
  const last = samples.length - 1;
  switch (mode) {
    case 'constant':
      break;
    case 'edge':
      padded.fill(samples[0], 0, count);
      padded.fill(samples[last], count + samples.length);
      break;
    case 'reflect':
      for (let i = 1; i <= count; i++) {
        padded[count - i] = samples[mirrored(-i, last)];
        padded[count + last + i] = samples[mirrored(last + i, last)];
      }
      break;
    default:
      throw new InvalidArgumentError('padMode', 'one of constant, reflect, edge', mode);
  }
  return padded;
}

/** Maps any index to 0 … last by mirroring at both ends, repeatedly if necessary. */
function mirrored(index: number, last: number): number {
  if (last === 0) return 0;
  const phase = Math.abs(index) % (2 * last);
  return phase <= last ? phase : 2 * last - phase;
}

/** Window functions, named as in scipy; `boxcar` is rectangular. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'boxcar';

/** Weights of 1, -cos(2πn/N) and cos(4πn/N). */
const cosineSums: Record<WindowName, readonly [number, number, number]> = {
  hann: [0.5, 0.5, 0],
  hamming: [0.54, 0.46, 0],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1, 0, 0],
};

/**
 * Periodic window for spectral analysis: one period of a sum of cosines, without the repeated end point.
 *
 * @param length - number of points, a positive integer
 * @returns shape [length]; 1 if the length is 1
 * @throws InvalidArgumentError if the name is unknown or the length is not a positive integer
 * @see scipy 1.17 `scipy.signal.get_window(fftbins=True)`
 */
export function periodicWindow(name: WindowName, length: number): Float64Array {
  if (!Object.hasOwn(cosineSums, name)) {
    throw new InvalidArgumentError('window', `one of ${Object.keys(cosineSums).join(', ')}`, name);
  }
  checkPositiveInteger('winLength', length);
  if (length === 1) return Float64Array.of(1);
  const [a0, a1, a2] = cosineSums[name];
  return Float64Array.from({ length }, (_, n) => {
    const angle = (2 * Math.PI * n) / length;
    return a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle);
  });
}

/** A window centred in a frame of `nFft` samples and padded with zeros, as librosa's `util.pad_center`; shape [nFft]. */
export function centredWindow(window: WindowName, winLength: number, nFft: number): Float64Array {
  checkPositiveInteger('winLength', winLength);
  if (winLength > nFft) throw new InvalidArgumentError('winLength', `at most nFft (${nFft})`, winLength);
  const weights = new Float64Array(nFft);
  weights.set(periodicWindow(window, winLength), Math.floor((nFft - winLength) / 2));
  return weights;
}

/** Frames of a measure in the time domain. */
export interface FrameOptions {
  /** samples per frame; default 2048 */
  frameLength?: number;
  /** samples between successive frames; default 512 */
  hopLength?: number;
  /** whether sample `i · hopLength` is the middle of frame i (true) or its start (false); default true */
  center?: boolean;
}

/** Samples within this distance of zero count as zero, and zero counts as positive. */
const threshold = 1e-10;

/**
 * Zero-crossing rate: sign changes per sample in each frame, high for fricatives and noise, low for voiced speech.
 *
 * As in librosa, centred frames are padded by repeating the first and last sample, and a sign change between the sample before
 * a frame and its first sample is not counted.
 *
 * @param samples - shape [samples], at least one
 * @returns in [0, 1); shape [frames]
 * @throws InvalidArgumentError if the signal is empty, not finite or shorter than a frame that is not centred, or a length is
 *   not a positive integer
 * @see librosa 0.11 `librosa.feature.zero_crossing_rate`
 */
export function zeroCrossingRate(samples: Float32Array, options: FrameOptions = {}): Float32Array {
  const { frameLength = 2048, hopLength = 512, center = true } = options;
  checkSamples(samples);
  const { padded, frames } = frameSignal(samples, ['frameLength', frameLength], hopLength, center, 'edge');
  /** cumulative number of crossings up to and including sample n */
  const total = new Int32Array(padded.length);
  for (let n = 1; n < padded.length; n++) {
    const crosses = padded[n] < -threshold !== padded[n - 1] < -threshold;
    total[n] = total[n - 1] + Number(crosses);
  }
  const rates = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    const start = i * hopLength;
    rates[i] = (total[start + frameLength - 1] - total[start]) / frameLength;
  }
  return rates;
}

/**
 * Root mean square of each frame. Centred frames are padded with zeros.
 *
 * @param samples - shape [samples], at least one
 * @returns linear amplitude, at least 0; shape [frames]
 * @throws InvalidArgumentError as {@link zeroCrossingRate}
 * @see librosa 0.11 `librosa.feature.rms(y=…)`
 */
export function rms(samples: Float32Array, options: FrameOptions = {}): Float32Array {
  const { frameLength = 2048, hopLength = 512, center = true } = options;
  checkSamples(samples);
  const frameParameter = ['frameLength', frameLength] as [string, number];
  const { padded, frames } = frameSignal(samples, frameParameter, hopLength, center, 'constant');
  // Frames that consist of whole hops share the energy of each hop.
  const step = frameLength % hopLength === 0 ? hopLength : frameLength;
  const energyFrom = (start: number): number => {
    let energy = 0;
    for (let n = start; n < start + step; n++) energy += padded[n] * padded[n];
    return energy;
  };
  const perFrame = frameLength / step;
  const energies = Float64Array.from({ length: frames + perFrame - 1 }, (_, i) => energyFrom(i * hopLength));
  return Float32Array.from({ length: frames }, (_, i) => {
    let energy = 0;
    for (let k = 0; k < perFrame; k++) energy += energies[i + k];
    return Math.sqrt(energy / frameLength);
  });
}

const [frameLength, hopLength] = [2048, 512];
/** Share of the frames that are quieter than the level of the speech. */
const share = 0.95;

/**
 * Level of the speech in a recording: the 95th percentile of the RMS of its frames, so that pauses do not count.
 *
 * @param samples - shape [samples], at least one
 * @returns dB relative to full scale; -Infinity for digital silence
 * @throws {@link InvalidArgumentError} if the signal is empty or not finite
 * @example
 * ```ts
 * speechLevel(samples); // -24.1
 * ```
 */
export function speechLevel(samples: Float32Array): number {
  return levelOfFrames(rms(samples, { frameLength, hopLength }));
}

/** {@link speechLevel} of the RMS of frames, shape [frames]. */
export const levelOfFrames = (levels: Float32Array): number =>
  20 * Math.log10(quantile(levels.toSorted(), share));

/**
 * Scales a recording so that its {@link speechLevel} is the given one. Digital silence stays silent.
 *
 * @param levelDb - dB relative to full scale
 * @returns a new array, shape [samples]
 * @throws {@link InvalidArgumentError} if `levelDb` is not finite, or the signal is empty or not finite
 */
export function normaliseLevel(samples: Float32Array, levelDb: number): Float32Array {
  if (!Number.isFinite(levelDb)) throw new InvalidArgumentError('levelDb', 'a finite number (dB)', levelDb);
  const level = speechLevel(samples);
  return Number.isFinite(level) ? scaled(samples, 10 ** ((levelDb - level) / 20)) : samples.slice();
}

/** Multiplies each sample. @returns a new array, shape [samples] */
export function scaled(samples: Float32Array, factor: number): Float32Array {
  const out = new Float32Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = factor * samples[i];
  return out;
}
