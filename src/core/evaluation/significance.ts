import { createRandom, InvalidArgumentError } from '../base';

/** Whether two runs differ in how many rows they get right. */
export interface McNemarTest {
  /** rows that only the first run has right */
  onlyFirst: number;
  /** rows that only the second run has right */
  onlySecond: number;
  /** two-sided p of the exact test, which errs on the safe side */
  exact: number;
  /** two-sided mid-p, closer to the nominal level */
  midP: number;
}

/**
 * McNemar's test on the rows on which two runs disagree: were both equally good, each would be the right one in half of
 * them. It takes rows as independent, which those of one speaker are not; {@link compareRuns} resamples speakers.
 *
 * @param onlyFirst - rows that only the first run has right
 * @param onlySecond - rows that only the second run has right
 * @throws {@link InvalidArgumentError} if one is not a whole number of at least 0
 * @see Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data, doi 10.1186/1471-2288-13-91
 */
export function mcNemarTest(onlyFirst: number, onlySecond: number): McNemarTest {
  for (const [name, count] of Object.entries({ onlyFirst, onlySecond })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new InvalidArgumentError(name, 'an integer of at least 0', count);
    }
  }
  const total = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  let logChance = -total * Math.LN2; // of no row, under the binomial distribution with one half
  let chance = Math.exp(logChance);
  let atMost = chance;
  for (let k = 1; k <= fewer; k++) {
    logChance += Math.log((total - k + 1) / k);
    chance = Math.exp(logChance);
    atMost += chance;
  }
  const equal = onlyFirst === onlySecond;
  return {
    onlyFirst,
    onlySecond,
    exact: Math.min(1, 2 * atMost),
    midP: equal ? 1 - chance / 2 : 2 * atMost - chance,
  };
}

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
