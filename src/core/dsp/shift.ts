import { InvalidArgumentError, type Random } from '../base';
import { roll } from './roll';

/**
 * Rolls a clip around by a random number of samples: what leaves at one end comes in at the other, as `np.roll` does.
 *
 * @param samples - shape [samples]; not changed
 * @param options.maxSamples - largest shift either way; the paper shows up to 5,000
 * @throws {@link InvalidArgumentError} if `maxSamples` is not an integer of at least 0
 */
export function shift(
  samples: Float32Array,
  { maxSamples, random }: { maxSamples: number; random: Random },
): Float32Array {
  if (!Number.isSafeInteger(maxSamples) || maxSamples < 0) {
    throw new InvalidArgumentError('maxSamples', 'an integer of at least 0', maxSamples);
  }
  return roll(samples, random.integer(2 * maxSamples + 1) - maxSamples);
}
