import { type Emotion, InvalidArgumentError } from '../base';
import { type ConfusionMatrix, rowShares } from './confusion-matrix';

/** An emotion taken for another. */
export interface ConfusedPair {
  actual: Emotion;
  predicted: Emotion;
  /** rows */
  count: number;
  /** of the rows of the actual emotion */
  share: number;
}

/**
 * The emotions that are most often taken for one another, by share of the actual emotion's rows, so that rare emotions
 * count as much as frequent ones.
 *
 * @param count - how many at most; 5 by default
 * @returns worst first; pairs that never occur are left out
 * @throws {@link InvalidArgumentError} if `count` is not a positive integer
 */
export function mostConfusedPairs(
  matrix: Pick<ConfusionMatrix, 'classes' | 'counts'>,
  { count = 5 }: { count?: number } = {},
): ConfusedPair[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, counts } = matrix;
  const shares = rowShares(matrix);
  return classes
    .flatMap((actual, a) =>
      classes.map((predicted, p) => {
        const at = a * classes.length + p;
        return { actual, predicted, count: counts[at], share: shares[at] };
      }),
    )
    .filter((pair) => pair.actual !== pair.predicted && pair.count > 0)
    .sort((a, b) => b.share - a.share || b.count - a.count)
    .slice(0, count);
}
