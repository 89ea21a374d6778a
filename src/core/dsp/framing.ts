import { InvalidArgumentError } from '../base';
import { checkPositiveInteger, checkSize } from './checks';

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
