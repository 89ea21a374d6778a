import type { Emotion } from '../base';
import type { ConfusionMatrix } from './confusion-matrix';

/** How well one emotion is found. */
export interface ClassScores {
  emotion: Emotion;
  /** share of the rows said to be of this emotion that are; 0 where none was */
  precision: number;
  /** share of the rows of this emotion that were found; 0 where there is none */
  recall: number;
  /** harmonic mean of precision and recall; 0 where there are no such rows */
  f1: number;
  /** rows of this emotion */
  support: number;
  /** rows said to be of this emotion */
  predicted: number;
}

/**
 * Precision, recall and F1 of each class. What has no rows to be measured on counts as 0, as in scikit-learn.
 *
 * @returns one record a class, in their order
 * @see scikit-learn 1.9, `precision_recall_fscore_support(…, zero_division=0)`
 */
export function classScores({ classes, counts }: Pick<ConfusionMatrix, 'classes' | 'counts'>): ClassScores[] {
  const size = classes.length;
  return classes.map((emotion, k) => {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < size; other++) {
      support += counts[k * size + other];
      predicted += counts[other * size + k];
    }
    const right = counts[k * size + k];
    const share = (total: number): number => (total === 0 ? 0 : right / total);
    const f1 = share((support + predicted) / 2);
    return { emotion, precision: share(predicted), recall: share(support), f1, support, predicted };
  });
}
