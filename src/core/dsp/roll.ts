import { InvalidArgumentError } from '../base';

/**
 * Moves a signal in time; what leaves at one end comes in at the other.
 *
 * @param samples - shape [samples]; not changed
 * @param shift - samples to the right, negative to the left, any integer
 * @returns shape [samples]
 * @throws InvalidArgumentError if `shift` is not an integer
 * @see numpy 2 `numpy.roll`
 */
export function roll(samples: Float32Array, shift: number): Float32Array {
  if (!Number.isSafeInteger(shift)) throw new InvalidArgumentError('shift', 'an integer', shift);
  const { length } = samples;
  const out = new Float32Array(length);
  if (length === 0) return out;
  const start = ((shift % length) + length) % length;
  out.set(samples.subarray(0, length - start), start);
  out.set(samples.subarray(length - start), 0);
  return out;
}
