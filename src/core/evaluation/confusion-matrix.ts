import type { Emotion } from '../base';
import { checkPredictions, predictedClasses, type Predictions } from './predictions';
import { protocolOf, type UnderProtocol } from './under-protocol';

/** How often each emotion was taken for each. */
export interface ConfusionMatrix extends UnderProtocol {
  classes: readonly Emotion[];
  /** rows that are and were said to be; shape [actual, predicted] */
  counts: Int32Array;
}

/**
 * Counts the rows of each actual and predicted emotion: the paper's Fig. 9. Unlike scikit-learn's, it has a row and a
 * column for every class, also for one that does not occur.
 */
export function confusionMatrix(predictions: Predictions): ConfusionMatrix {
  checkPredictions(predictions);
  const { classes, actual } = predictions;
  const counts = new Int32Array(classes.length ** 2);
  predictedClasses(predictions).forEach((said, row) => counts[actual[row] * classes.length + said]++);
  return { ...protocolOf(predictions), classes, counts };
}

/**
 * A confusion matrix as shares of each actual emotion: the diagonal is the recall.
 *
 * @returns shape [actual, predicted]; NaN in the row of an emotion that does not occur
 */
export function rowShares({ counts, classes }: Pick<ConfusionMatrix, 'counts' | 'classes'>): Float64Array {
  const shares = new Float64Array(counts.length);
  for (let start = 0; start < counts.length; start += classes.length) {
    const own = counts.subarray(start, start + classes.length);
    const support = own.reduce((sum, count) => sum + count, 0);
    own.forEach((count, k) => (shares[start + k] = count / support));
  }
  return shares;
}
