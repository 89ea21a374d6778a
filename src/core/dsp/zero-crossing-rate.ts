import { checkSamples } from './checks';
import { frameSignal } from './framing';

/** Frames of a measure that is taken in the time domain. */
export interface FrameOptions {
  /** samples in a frame; default 2048 */
  frameLength?: number;
  /** samples from one frame to the next; default 512 */
  hopLength?: number;
  /** whether frame i's middle (rather than its start) is sample `i · hopLength`; default true */
  center?: boolean;
}

/** Samples this close to zero count as zero, and zero as positive. */
const threshold = 1e-10;

/**
 * How often the signal's sign changes, as a fraction of a frame's samples: high in hiss, low in voiced speech.
 *
 * Librosa's conventions: a centred frame sees the first and the last sample held outside the signal, and the change from the
 * sample before a frame to its first is not counted.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames], each in [0, 1)
 * @throws InvalidArgumentError if the signal is empty or not finite, a length is not a positive integer, or no frame fits
 * @see librosa 0.11 `librosa.feature.zero_crossing_rate`
 */
export function zeroCrossingRate(samples: Float32Array, options: FrameOptions = {}): Float32Array {
  const { frameLength = 2048, hopLength = 512, center = true } = options;
  checkSamples(samples);
  const { padded, frames } = frameSignal(samples, ['frameLength', frameLength], hopLength, center, 'edge');
  /** crossings between neighbours up to and including sample n */
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
