import { InvalidArgumentError } from '../errors';
import { checkSeedRuns, type SeedRun } from './join-seeds';
import type { Predictions } from './predictions';

/**
 * An ensemble of trainings that differ by their seed alone: of each test row, the mean of the probabilities that they gave it.
 * It is one more model, not a mean of scores, and mostly a better one than each of them.
 *
 * @param runs - of one alone, the predictions are returned as they are
 * @throws {@link InvalidArgumentError} if there is none, two have the same seed, they are not of one protocol and the
 *   same classes, or if they have not tested the same rows in the same order
 * @see Lakshminarayanan, Pritzel and Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles (2017)
 */
export function averageSeeds(runs: readonly SeedRun[]): Predictions {
  checkSeedRuns(runs);
  const [{ predictions: first }] = runs;
  if (runs.length === 1) return first;
  for (const { seed, predictions: own } of runs) {
    const isSame =
      own.clips.length === first.clips.length &&
      own.clips.every(({ path }, row) => {
        return (
          path === first.clips[row].path && own.splits[own.splitOf[row]] === first.splits[first.splitOf[row]]
        );
      });
    if (!isSame)
      throw new InvalidArgumentError('runs', 'of the same test rows, in one order', `seed ${seed}`);
  }
  return {
    ...first,
    probabilities: first.probabilities.map(
      (_, i) => runs.reduce((sum, { predictions }) => sum + predictions.probabilities[i], 0) / runs.length,
    ),
  };
}
