import { formatPercent, InvalidArgumentError, quantile } from '../base';
import { wilsonLimits } from './intervals';
import {
  checkPredictions,
  predictedClasses,
  type Predictions,
  protocolMark,
  protocolOf,
  protocolText,
  type UnderProtocol,
} from './predictions';
import { percentagePoints } from './score-report';
import type { SplitTemperature } from './temperature';

/** Bins of equal width, or with an equal number of rows (as far as ties allow). */
export type Binning = 'equal-width' | 'equal-mass';

/** Rows with similar confidence. */
export interface ConfidenceBin {
  /** lower edge, exclusive (inclusive for the first bin) */
  from: number;
  /** upper edge, inclusive */
  to: number;
  rows: number;
  /** mean confidence */
  confidence: number;
  /** share of correct rows */
  accuracy: number;
  /** 95 % Wilson interval of the accuracy, with rows treated as independent */
  interval: readonly [low: number, high: number];
}

/** How well confidence matches accuracy. */
export interface Calibration extends UnderProtocol {
  binning: Binning;
  /** non-empty bins */
  bins: ConfidenceBin[];
  /** expected calibration error: mean over rows of |accuracy − confidence| of their bin */
  ece: number;
  /** mean over all rows */
  confidence: number;
  accuracy: number;
  rows: number;
}

/** Options of {@link calibration}. */
export interface CalibrationOptions {
  /** number of bins; default 15 */
  bins?: number;
  /** default equal width */
  binning?: Binning;
}

/**
 * Reliability curve and expected calibration error of the predicted probabilities.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid, or `bins` is not a positive integer
 * @see Guo et al. (2017), On calibration of modern neural networks; scikit-learn 1.9 `calibration_curve` uses the same bins
 * @example
 * ```ts
 * const { ece, bins } = calibration(predictions, { binning: 'equal-mass' });
 * ```
 */
export function calibration(
  predictions: Predictions,
  { bins: count = 15, binning = 'equal-width' }: CalibrationOptions = {},
): Calibration {
  checkPredictions(predictions);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('bins', 'a positive integer', count);
  const { confidence, right } = confidenceOf(predictions);
  const sorted = confidence.toSorted();
  const edges = Float64Array.from({ length: count + 1 }, (_, i) =>
    binning === 'equal-width' ? i / count : quantile(sorted, i / count),
  );
  const inner = edges.subarray(1, count);
  const rows = new Int32Array(count);
  const confidences = new Float64Array(count);
  const hits = new Int32Array(count);
  confidence.forEach((value, row) => {
    const bin = inner.findIndex((edge) => value <= edge);
    const at = bin < 0 ? count - 1 : bin;
    rows[at]++;
    confidences[at] += value;
    hits[at] += right[row];
  });
  const bins = Array.from({ length: count }, (_, i) => ({
    from: edges[i],
    to: edges[i + 1],
    rows: rows[i],
    confidence: confidences[i] / rows[i],
    accuracy: hits[i] / rows[i],
    interval: rows[i] > 0 ? wilsonLimits(hits[i], rows[i]) : ([NaN, NaN] as const),
  })).filter((bin) => bin.rows > 0);
  const total = confidence.length;
  const mean = (of: (bin: ConfidenceBin) => number): number =>
    bins.reduce((sum, bin) => sum + bin.rows * of(bin), 0) / total;
  return {
    ...protocolOf(predictions),
    binning,
    bins,
    ece: mean((bin) => Math.abs(bin.accuracy - bin.confidence)),
    confidence: mean((bin) => bin.confidence),
    accuracy: mean((bin) => bin.accuracy),
    rows: total,
  };
}

/** Confidence and correctness of each row. */
export interface Confidence {
  /** probability of the predicted class; shape [rows] */
  confidence: Float64Array;
  /** 1 if the prediction is correct, else 0; shape [rows] */
  right: Uint8Array;
}

/** The confidence of each prediction, and whether it is correct. */
function confidenceOf(predictions: Predictions): Confidence {
  const { actual, probabilities, classes } = predictions;
  const predicted = predictedClasses(predictions);
  return {
    confidence: Float64Array.from(predicted, (k, row) =>
      Math.min(1, probabilities[row * classes.length + k]),
    ),
    right: Uint8Array.from(predicted, (k, row) => (k === actual[row] ? 1 : 0)),
  };
}

/**
 * Calibration before and after temperature scaling as text, with the protocol in the first line and at the end of every line with
 * a score.
 *
 * @param temperatures - temperatures of the models of `after`
 */
export function formatCalibration(
  before: Calibration,
  after: Calibration,
  temperatures: readonly SplitTemperature[],
): string {
  const line = ({ ece, confidence, accuracy }: Calibration): string =>
    `ECE ${percentagePoints(ece)} points: confidence ${formatPercent(confidence)}, accuracy ${formatPercent(accuracy)} (${protocolMark(before)})`;
  const fitted = temperatures.filter(({ rows }) => rows > 0).map(({ temperature }) => temperature);
  const [lowest, highest] = [Math.min(...fitted), Math.max(...fitted)].map((value) => value.toFixed(2));
  const range = lowest === highest ? lowest : `${lowest} to ${highest}`;
  return [
    `Protocol: ${protocolText(before)}`,
    `as predicted ${line(before)}`,
    fitted.length === 0
      ? 'There are no validation rows to fit a temperature to.'
      : `at ${range.padEnd(9)} ${line(after)}; temperature fitted to validation rows`,
    '',
  ].join('\n');
}

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
