import { InvalidArgumentError } from '../base';

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
