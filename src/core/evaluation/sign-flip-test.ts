import { createRandom, InvalidArgumentError } from '../base';

/** Up to so many values all combinations of signs are tried. */
const mostExact = 14;

export interface SignFlipOptions {
  /** combinations of signs drawn where there are too many to try all; 9,999 by default */
  draws?: number;
  /** of the draws; 42 by default */
  seed?: number;
}

/**
 * Whether the mean of some differences is above 0: each could as well have had the other sign if it were not.
 *
 * @returns one-sided p; exact up to 14 values
 * @throws {@link InvalidArgumentError} if there are no values, or `draws` is not a positive integer
 * @see scipy 1.17, `permutation_test(…, permutation_type='samples', alternative='greater')`
 */
export function signFlipTest(
  differences: ArrayLike<number>,
  { draws = 9999, seed = 42 }: SignFlipOptions = {},
): number {
  const count = differences.length;
  if (count === 0) throw new InvalidArgumentError('differences', 'a list with at least one number', []);
  if (!Number.isInteger(draws) || draws < 1)
    throw new InvalidArgumentError('draws', 'a positive integer', draws);
  const values = Array.from(differences);
  // sums that differ by rounding only count as equal
  const observed = values.reduce((sum, value) => sum + value, 0);
  const least = observed - 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  const isAsLarge = (isFlipped: (i: number) => boolean): boolean =>
    values.reduce((sum, value, i) => sum + (isFlipped(i) ? -value : value), 0) >= least;
  let asLarge = 0;
  if (count <= mostExact) {
    for (let signs = 0; signs < 2 ** count; signs++) {
      if (isAsLarge((i) => ((signs >> i) & 1) === 1)) asLarge++;
    }
    return asLarge / 2 ** count;
  }
  const random = createRandom(seed);
  for (let draw = 0; draw < draws; draw++) if (isAsLarge(() => random.uniform() < 0.5)) asLarge++;
  return (asLarge + 1) / (draws + 1);
}
