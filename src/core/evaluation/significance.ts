import { createRandom, InvalidArgumentError } from '../base';

/** Result of McNemar's test of whether two runs have the same accuracy. */
export interface McNemarTest {
  /** rows that only the first run predicts correctly */
  onlyFirst: number;
  /** rows that only the second run predicts correctly */
  onlySecond: number;
  /** two-sided p-value of the exact test, which is conservative */
  exact: number;
  /** two-sided mid-p-value, closer to the nominal level; 1 if the runs never differ */
  midP: number;
}

/**
 * McNemar's test on the rows that exactly one of two runs predicts correctly: with equal accuracy, each run is correct in half of
 * them. Without such a row both p-values are 1. Rows are treated as independent, which rows of one speaker are not; {@link compareRuns} resamples speakers instead.
 *
 * @param onlyFirst - rows that only the first run predicts correctly
 * @param onlySecond - rows that only the second run predicts correctly
 * @throws {@link InvalidArgumentError} if a count is not an integer of at least 0
 * @see Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data, doi 10.1186/1471-2288-13-91
 * @example
 * ```ts
 * mcNemarTest(10, 25).midP; // 0.011
 * ```
 */
export function mcNemarTest(onlyFirst: number, onlySecond: number): McNemarTest {
  for (const [name, count] of Object.entries({ onlyFirst, onlySecond })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new InvalidArgumentError(name, 'an integer of at least 0', count);
    }
  }
  const total = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  let logChance = -total * Math.LN2; // binomial probability of 0 of `total` rows at p = 0.5
  let chance = Math.exp(logChance);
  let atMost = chance;
  for (let k = 1; k <= fewer; k++) {
    logChance += Math.log((total - k + 1) / k);
    chance = Math.exp(logChance);
    atMost += chance;
  }
  const equal = onlyFirst === onlySecond;
  // With equal counts, `chance` is the probability of the most likely outcome, which counts half. Without rows there is one outcome.
  const midP = total === 0 ? 1 : equal ? 1 - chance / 2 : 2 * atMost - chance;
  return { onlyFirst, onlySecond, exact: Math.min(1, 2 * atMost), midP };
}

/** Up to this number of values, all sign combinations are enumerated. */
const maxExactValues = 14;

/** Options of {@link signFlipTest}. */
export interface SignFlipOptions {
  /** number of random sign combinations if there are too many to enumerate; default 9,999 */
  draws?: number;
  /** default 42 */
  seed?: number;
}

/**
 * Sign-flip permutation test of whether the mean of differences is above 0: under the null hypothesis each sign is equally likely.
 *
 * @returns one-sided p-value; exact for up to 14 values
 * @throws {@link InvalidArgumentError} if there are no values, one of them is not finite, or `draws` is not a positive integer
 * @see scipy 1.17, `permutation_test(…, permutation_type='samples', alternative='greater')`
 * @example
 * ```ts
 * signFlipTest([1, 2, 3]); // 0.125
 * ```
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
  const invalid = values.find((value) => !Number.isFinite(value));
  if (invalid !== undefined) throw new InvalidArgumentError('differences', 'finite numbers', invalid);
  // sums that differ only by rounding count as equal
  const observed = values.reduce((sum, value) => sum + value, 0);
  const least = observed - 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  const isAsLarge = (isFlipped: (i: number) => boolean): boolean =>
    values.reduce((sum, value, i) => sum + (isFlipped(i) ? -value : value), 0) >= least;
  let asLarge = 0;
  if (count <= maxExactValues) {
    for (let signs = 0; signs < 2 ** count; signs++) {
      if (isAsLarge((i) => ((signs >> i) & 1) === 1)) asLarge++;
    }
    return asLarge / 2 ** count;
  }
  const random = createRandom(seed);
  for (let draw = 0; draw < draws; draw++) if (isAsLarge(() => random.uniform() < 0.5)) asLarge++;
  return (asLarge + 1) / (draws + 1);
}
