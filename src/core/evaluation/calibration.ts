import { InvalidArgumentError } from '../base';
import type { SplitTemperature } from './temperature';
import { percent } from './score-text';
import { quantile, wilsonLimits } from './intervals';
import { checkPredictions, predictedClasses, type Predictions, protocolMark, protocolOf, protocolText, type UnderProtocol } from './predictions';

/** Bins of the same width, or of (as far as ties allow) the same number of rows. */
export type Binning = 'equal-width' | 'equal-mass';

/** Rows of about the same confidence. */
export interface ConfidenceBin {
  /** confidences above this… */
  from: number;
  /** …and up to this; the first bin holds its lower edge too */
  to: number;
  rows: number;
  /** mean confidence of these rows */
  confidence: number;
  /** share of these rows that are right */
  accuracy: number;
  /** Wilson's 95 % interval of the accuracy, rows taken as independent */
  interval: readonly [low: number, high: number];
}

/** Whether a model is right as often as it says. */
export interface Calibration extends UnderProtocol {
  binning: Binning;
  /** those that hold rows */
  bins: ConfidenceBin[];
  /** expected calibration error: mean over rows of |accuracy − confidence| of their bin */
  ece: number;
  /** of all rows */
  confidence: number;
  accuracy: number;
  rows: number;
}

export interface CalibrationOptions {
  /** number of bins; 15 by default */
  bins?: number;
  /** equal width by default */
  binning?: Binning;
}

/**
 * The reliability curve and the expected calibration error of the answers' probabilities.
 *
 * @throws {@link InvalidArgumentError} if the predictions do not hold together, or `bins` is not a positive integer
 * @see Guo et al. (2017), On calibration of modern neural networks; scikit-learn 1.9 `calibration_curve` has the same bins
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

/** How sure a model was of each answer, and whether it was right. */
export interface Confidence {
  /** probability of the answer; shape [rows] */
  confidence: Float64Array;
  /** 1 where the answer is right, else 0; shape [rows] */
  right: Uint8Array;
}

/** The probability of each row's answer, and whether it is right. */
export function confidenceOf(predictions: Predictions): Confidence {
  const { actual, probabilities, classes } = predictions;
  const predicted = predictedClasses(predictions);
  return {
    confidence: Float64Array.from(predicted, (said, row) =>
      Math.min(1, probabilities[row * classes.length + said]),
    ),
    right: Uint8Array.from(predicted, (said, row) => (said === actual[row] ? 1 : 0)),
  };
}

/**
 * Whether a model is right as often as it says, before and after temperature scaling, as text; the protocol is in the first
 * line, and at the end of every line with a score.
 *
 * @param temperatures - of the models behind `after`
 */
export function formatCalibration(
  before: Calibration,
  after: Calibration,
  temperatures: readonly SplitTemperature[],
): string {
  const line = ({ ece, confidence, accuracy }: Calibration): string =>
    `ECE ${percent(ece)} points: ${percent(confidence)} % sure, ${percent(accuracy)} % right (${protocolMark(before)})`;
  const fitted = temperatures.filter(({ rows }) => rows > 0).map(({ temperature }) => temperature);
  const [lowest, highest] = [Math.min(...fitted), Math.max(...fitted)].map((value) => value.toFixed(2));
  const range = lowest === highest ? lowest : `${lowest} to ${highest}`;
  return [
    `Protocol: ${protocolText(before)}`,
    `as predicted ${line(before)}`,
    fitted.length === 0
      ? 'There are no validation rows to fit a temperature on.'
      : `at ${range.padEnd(9)} ${line(after)}; temperature fitted on validation rows`,
    '',
  ].join('\n');
}
