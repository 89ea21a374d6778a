import { checkSamples } from './checks';
import { frameSignal } from './framing';
import type { FrameOptions } from './zero-crossing-rate';

/**
 * Root mean square of each frame: the signal's loudness over time, linear. A centred frame sees zeros outside the signal.
 *
 * @param samples - shape [samples], at least one; not changed
 * @returns shape [frames], each at least 0
 * @throws InvalidArgumentError if the signal is empty or not finite, a length is not a positive integer, or no frame fits
 * @see librosa 0.11 `librosa.feature.rms(y=…)`
 */
export function rms(samples: Float32Array, options: FrameOptions = {}): Float32Array {
  const { frameLength = 2048, hopLength = 512, center = true } = options;
  checkSamples(samples);
  const { padded, frames } = frameSignal(
    samples,
    ['frameLength', frameLength],
    hopLength,
    center,
    'constant',
  );
  const values = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    let energy = 0;
    for (let n = i * hopLength; n < i * hopLength + frameLength; n++) energy += padded[n] * padded[n];
    values[i] = Math.sqrt(energy / frameLength);
  }
  return values;
}
