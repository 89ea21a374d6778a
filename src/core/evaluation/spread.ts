import { InvalidArgumentError } from '../base';

/** The middle and the scatter of some values. */
export interface Spread {
  mean: number;
  /** sample standard deviation (over n − 1); NaN of one value */
  deviation: number;
  lowest: number;
  highest: number;
  count: number;
}

/**
 * Mean, standard deviation and range, as of a score over folds or seeds.
 *
 * @throws {@link InvalidArgumentError} if there are no values
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new InvalidArgumentError('values', 'a list with at least one number', []);
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: Math.sqrt(squares / (count - 1)),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    count,
  };
}
