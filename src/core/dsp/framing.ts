import { InvalidArgumentError } from '../base';
import { checkPositiveInteger } from './checks';

/** What lies outside the signal: zeros, the signal mirrored at its first and last sample, or these samples held. */
export type PadMode = 'constant' | 'reflect' | 'edge';

/** A signal cut into overlapping frames: frame i is `padded` from `i · hopLength` on. */
export interface Framing {
  padded: Float32Array;
  frames: number;
}

/**
 * Prepares a signal for a walk over its frames. Centred, frame i's middle is sample `i · hopLength`, and the signal is padded
 * by half a frame at both ends; otherwise frame i starts at that sample and only whole frames count.
 *
 * @param samples - shape [samples]; not changed
 * @param frameLength - the name and the value of the frame's length, so that an error can name it
 * @throws InvalidArgumentError if a length is not a positive integer, the mode is not known or no frame fits
 * @see librosa 0.11 `librosa.util.frame`, and the padding of `librosa.stft`
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
  if (padded.length < frameLength) {
    const rule = `at most the signal's ${samples.length} samples where center is false`;
    throw new InvalidArgumentError(name, rule, frameLength);
  }
  return { padded, frames: 1 + Math.floor((padded.length - frameLength) / hopLength) };
}

/** numpy.pad with `count` values at both ends. */
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

/** The index inside 0…last that `index` falls on between two mirrors, one at each end. */
function mirrored(index: number, last: number): number {
  if (last === 0) return 0;
  const phase = Math.abs(index) % (2 * last);
  return phase <= last ? phase : 2 * last - phase;
}
