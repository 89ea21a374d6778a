import { InvalidArgumentError } from '../base';
import { checkPositiveInteger } from './checks';

/** Windows by scipy's names; `boxcar` is no window at all. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'boxcar';

/** Weights of 1, -cos(2πn/N), cos(4πn/N). */
const cosineSums: Record<WindowName, readonly [number, number, number]> = {
  hann: [0.5, 0.5, 0],
  hamming: [0.54, 0.46, 0],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1, 0, 0],
};

/**
 * A periodic window (one period of a sum of cosines, its last point left out), as spectral analysis wants it.
 *
 * @param name - which window
 * @param length - number of points N, a positive integer
 * @returns shape [length], in double precision; 1 where the length is 1
 * @throws InvalidArgumentError if `name` is not known or `length` is not a positive integer
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
    const turn = (2 * Math.PI * n) / length;
    return a0 - a1 * Math.cos(turn) + a2 * Math.cos(2 * turn);
  });
}
