import { InvalidArgumentError } from '../base';
import { confidenceOf } from './calibration';
import { checkPredictions, type Predictions, protocolOf, type UnderProtocol } from './predictions';

/** What a model scores if it may keep silent where it is not sure. */
export interface Abstention extends UnderProtocol {
  /** least confidence at which it answers, falling; shape [points] */
  threshold: Float64Array;
  /** share of the rows that it then answers, rising to 1; shape [points] */
  coverage: Float64Array;
  /** share of the answers that are right; shape [points] */
  accuracy: Float64Array;
  /**
   * area under the risk–coverage curve: mean share of wrong answers over all numbers of answered rows; rows of equal
   * confidence are taken in random order
   */
  aurc: number;
  /** what `aurc` would be if confidence told nothing */
  errorRate: number;
  rows: number;
}

/**
 * Accuracy against coverage: rows are answered in the order of the answer's probability.
 *
 * @returns a point for each confidence that occurs
 * @throws {@link InvalidArgumentError} if the predictions do not hold together
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
 * The point of the curve that answers most rows while being right often enough.
 *
 * @param accuracy - share of answers that must be right, 0 to 1
 * @returns undefined if no threshold is strict enough
 * @throws {@link InvalidArgumentError} if `accuracy` is not between 0 and 1
 */
export function thresholdFor(
  curve: Pick<Abstention, 'threshold' | 'coverage' | 'accuracy'>,
  accuracy: number,
): { threshold: number; coverage: number; accuracy: number } | undefined {
  if (!(accuracy >= 0 && accuracy <= 1)) {
    throw new InvalidArgumentError('accuracy', 'a share from 0 to 1', accuracy);
  }
  const point = curve.accuracy.findLastIndex((value) => value >= accuracy);
  if (point < 0) return undefined;
  return {
    threshold: curve.threshold[point],
    coverage: curve.coverage[point],
    accuracy: curve.accuracy[point],
  };
}
