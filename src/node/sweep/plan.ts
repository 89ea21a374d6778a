import { canonicalJson, createRandom, InvalidArgumentError } from '../../core/base';
import type { OptionValues } from '../../core/config';
import { axesOf, checkSpace, drawValue, isList, type SweepSpace } from './space';

/**
 * Every combination of a space of lists, the last option turning fastest.
 *
 * @throws {@link InvalidArgumentError} if the space is wrong, or an axis is a range
 */
export function gridPlan(space: SweepSpace): OptionValues[] {
  checkSpace(space);
  return axesOf(space).reduce<OptionValues[]>(
    (plan, [path, axis]) => {
      if (!isList(axis)) throw new InvalidArgumentError(path, 'a list of values (in a grid)', axis);
      return plan.flatMap((values) => axis.map((value) => ({ ...values, [path]: value })));
    },
    [{}],
  );
}

/** Draws in a row that are all repetitions, after which the space counts as exhausted. */
const mostRepetitions = 200;

/**
 * Combinations at random, none twice (Bergstra and Bengio 2012). A longer plan of the same seed begins with the shorter one.
 *
 * @returns so many as asked for, or fewer where the space has no more
 * @throws {@link InvalidArgumentError} if the space is wrong, or `trials` not a positive integer
 */
export function randomPlan(
  space: SweepSpace,
  { trials, seed }: { trials: number; seed: number },
): OptionValues[] {
  checkSpace(space);
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new InvalidArgumentError('trials', 'a positive integer', trials);
  }
  const random = createRandom(seed);
  const plan = new Map<string, OptionValues>();
  for (let repeated = 0; plan.size < trials && repeated < mostRepetitions;) {
    const values: OptionValues = Object.fromEntries(
      axesOf(space).map(([path, axis]) => [path, drawValue(axis, random)]),
    );
    const key = canonicalJson(values);
    repeated = plan.has(key) ? repeated + 1 : 0;
    if (!plan.has(key)) plan.set(key, values);
  }
  return [...plan.values()];
}

/** A round of successive halving: so many trials, each of so many epochs. */
export interface Rung {
  trials: number;
  epochs: number;
}

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016): many short trials, and of each round the best share goes on to
 * a round with as many times more epochs, up to the full number.
 *
 * @param options - `trials` of the first round, and its `minEpochs`; `maxEpochs` of the last; `keep` is the divisor of the trials
 *   and the factor of the epochs
 * @throws {@link InvalidArgumentError} if one of them breaks its rule
 */
export function halvingRungs({
  trials,
  minEpochs,
  maxEpochs,
  factor,
}: {
  trials: number;
  minEpochs: number;
  maxEpochs: number;
  factor: number;
}): Rung[] {
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new InvalidArgumentError('trials', 'a positive integer', trials);
  }
  if (!Number.isSafeInteger(minEpochs) || minEpochs < 1 || minEpochs > maxEpochs) {
    throw new InvalidArgumentError(
      'minEpochs',
      `an integer from 1 to training.epochs (${maxEpochs})`,
      minEpochs,
    );
  }
  if (!(factor > 1 && factor < Infinity))
    throw new InvalidArgumentError('factor', 'a number above 1', factor);
  const rungs: Rung[] = [];
  for (let budget = minEpochs, left = trials; ; budget *= factor, left /= factor) {
    const epochs = Math.round(budget);
    // A single trial that is left has nothing to be compared with, so it goes all the way.
    const isLast = epochs >= maxEpochs || left < 2;
    // A small factor may round to the same number again, and nobody would learn anything new.
    if (!isLast && rungs.at(-1)?.epochs === epochs) continue;
    rungs.push({ trials: Math.max(1, Math.floor(left)), epochs: isLast ? maxEpochs : epochs });
    if (isLast) return rungs;
  }
}
