import { InvalidArgumentError } from '../base';
import { requireLevel } from './interval';
import { normalQuantile } from './normal-distribution';

/**
 * Wilson's interval of a proportion: for small numbers of independent trials, where resampling fails (none or all right
 * would give an interval without width).
 *
 * @param right - successes
 * @param total - trials, at least 1
 * @param level - 0.95 by default
 * @throws {@link InvalidArgumentError} if the counts are not whole numbers with 0 ≤ right ≤ total, or the level is none
 * @see scipy 1.17, `binomtest(…).proportion_ci(method='wilson')`
 */
export function wilsonLimits(right: number, total: number, level = 0.95): [low: number, high: number] {
  if (!Number.isInteger(total) || total < 1)
    throw new InvalidArgumentError('total', 'a positive integer', total);
  if (!Number.isInteger(right) || right < 0 || right > total) {
    throw new InvalidArgumentError('right', `an integer from 0 to ${total}`, right);
  }
  requireLevel(level);
  const z = normalQuantile((1 + level) / 2);
  const share = right / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [right === 0 ? 0 : centre - half, right === total ? 1 : centre + half];
}
