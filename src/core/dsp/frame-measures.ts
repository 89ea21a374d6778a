import { checkSamples } from './checks';
import { frameSignal } from './framing';

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
  const values = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    let energy = 0;
    for (let n = i * hopLength; n < i * hopLength + frameLength; n++) energy += padded[n] * padded[n];
    values[i] = Math.sqrt(energy / frameLength);
  }
  return values;
}
