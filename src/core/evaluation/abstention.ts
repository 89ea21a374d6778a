import { InvalidArgumentError } from '../base';
import { confidenceOf } from './calibration';
import { checkPredictions, type Predictions, protocolOf, type UnderProtocol } from './predictions';

/** Accuracy of a model that abstains when its confidence is low. */
export interface Abstention extends UnderProtocol {
  /** minimum confidence of an answer, descending; shape [points] */
  threshold: Float64Array;
  /** share of rows answered, ascending to 1; shape [points] */
  coverage: Float64Array;
  /** share of answers that are correct; shape [points] */
  accuracy: Float64Array;
  /**
   * area under the risk–coverage curve: mean error rate over all numbers of answered rows; rows with equal confidence are
   * averaged over random orders
   */
  aurc: number;
  /** error rate over all rows, which is the `aurc` of uninformative confidence */
  errorRate: number;
  rows: number;
}

/**
 * Risk–coverage curve: rows are answered in descending order of confidence.
 *
 * @returns one point per distinct confidence
 * @throws {@link InvalidArgumentError} if the predictions are invalid
 * @see Geifman, Uziel and El-Yaniv (2019), Bias-reduced uncertainty estimation for deep neural classifiers
 */
export function abstention(predictions: Predictions): Abstention {
  checkPredictions(predictions);
  const { confidence, right } = confidenceOf(predictions);
  const rows = confidence.length;
  const order = Array.from(confidence.keys()).sort((a, b) => confidence[b] - confidence[a]);
  const threshold: number[] = [];
  const coverage: number[] = [];
  const accuracy: number[] = [];
  let wrong = 0;
  let risks = 0;
  for (let start = 0; start < rows;) {
    let end = start;
    let wrongHere = 0;
    const here = confidence[order[start]];
    for (; end < rows && confidence[order[end]] === here; end++) wrongHere += 1 - right[order[end]];
    for (let answered = start + 1; answered <= end; answered++) {
      risks += (wrong + (wrongHere * (answered - start)) / (end - start)) / answered;
    }
    wrong += wrongHere;
    threshold.push(here);
    coverage.push(end / rows);
    accuracy.push(1 - wrong / end);
    start = end;
  }
  return {
    ...protocolOf(predictions),
    threshold: Float64Array.from(threshold),
    coverage: Float64Array.from(coverage),
    accuracy: Float64Array.from(accuracy),
    aurc: risks / rows,
    errorRate: wrong / rows,
    rows,
  };
}

/**
 * Finds the point of the curve with the highest coverage that reaches an accuracy.
 *
 * @param accuracy - minimum accuracy of the answers, 0 to 1
 * @returns undefined if no threshold reaches it
 * @throws {@link InvalidArgumentError} if `accuracy` is not from 0 to 1
 * @example
 * ```ts
 * const point = thresholdFor(abstention(predictions), 0.9); // answer if the confidence is at least point.threshold
 * ```
 */
export function thresholdFor(
  curve: Pick<Abstention, 'threshold' | 'coverage' | 'accuracy'>,
  accuracy: number,
): { threshold: number; coverage: number; accuracy: number } | undefined {
  if (!(accuracy >= 0 && accuracy <= 1)) {
    throw new InvalidArgumentError('accuracy', 'a number from 0 to 1', accuracy);
  }
  const point = curve.accuracy.findLastIndex((value) => value >= accuracy);
  if (point < 0) return undefined;
  return {
    threshold: curve.threshold[point],
    coverage: curve.coverage[point],
    accuracy: curve.accuracy[point],
  };
}
