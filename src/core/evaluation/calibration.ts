import { InvalidArgumentError, formatPercent, quantile } from '../base';
import { wilsonLimits } from './intervals';
import {
  checkPredictions,
  predictedClasses,
  protocolMark,
  protocolOf,
  protocolText,
  type Predictions,
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
export function confidenceOf(predictions: Predictions): Confidence {
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
