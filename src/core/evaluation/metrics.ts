import { checkPredictions, predictedClasses, type Predictions } from './predictions';

export const metricNames = ['accuracy', 'uar', 'macroPrecision', 'macroF1', 'logLoss', 'brier'] as const;
export type MetricName = (typeof metricNames)[number];

/** The title of a metric, and its formula. */
export interface Metric {
  title: string;
  /** from 0 to 1, shown in percent; others are losses, lower is better */
  isShare: boolean;
  of(tally: Tally, classCount: number): number;
}

/**
 * The metrics by name.
 *
 * - `accuracy`: share of correct rows
 * - `uar`: unweighted average recall over the classes with rows; scikit-learn's balanced accuracy
 * - `macroPrecision`, `macroF1`: means over the classes that occur, actual or predicted
 * - `logLoss`: mean of −ln of the probability of the actual class
 * - `brier`: mean squared distance between the probabilities and the one-hot truth, 0 to 2
 */
export const metrics: Readonly<Record<MetricName, Metric>> = {
  accuracy: { title: 'accuracy', isShare: true, of: accuracyOf },
  uar: {
    title: 'UAR',
    isShare: true,
    of: (tally, classCount) =>
      meanOverClasses(tally, classCount, (right, support) => (support > 0 ? right / support : undefined)),
  },
  macroPrecision: {
    title: 'macro precision',
    isShare: true,
    of: (tally, classCount) =>
      meanOverClasses(tally, classCount, (right, support, predicted) =>
        predicted > 0 ? right / predicted : support > 0 ? 0 : undefined,
      ),
  },
  macroF1: {
    title: 'macro F1',
    isShare: true,
    of: (tally, classCount) =>
      meanOverClasses(tally, classCount, (right, support, predicted) =>
        support + predicted > 0 ? (2 * right) / (support + predicted) : undefined,
      ),
  },
  logLoss: {
    title: 'log loss',
    isShare: false,
    of: (tally, classCount) => tally[classCount ** 2] / rowsOf(tally, classCount),
  },
  brier: {
    title: 'Brier score',
    isShare: false,
    of: (tally, classCount) => tally[classCount ** 2 + 1] / rowsOf(tally, classCount),
  },
};

/** One metric over all rows, as a plain number for computation. Use {@link scoreReport} to present scores. */
export function metricOf(predictions: Predictions, metric: MetricName): number {
  checkPredictions(predictions);
  return metrics[metric].of(tallyAll(predictions), predictions.classes.length);
}

function rowsOf(tally: Tally, classCount: number): number {
  let rows = 0;
  for (let i = 0; i < classCount ** 2; i++) rows += tally[i];
  return rows;
}

function accuracyOf(tally: Tally, classCount: number): number {
  let right = 0;
  for (let k = 0; k < classCount; k++) right += tally[k * (classCount + 1)];
  return right / rowsOf(tally, classCount);
}

/** @param of - returns undefined to skip a class */
function meanOverClasses(
  tally: Tally,
  classCount: number,
  of: (right: number, support: number, predicted: number) => number | undefined,
): number {
  let sum = 0;
  let counted = 0;
  for (let k = 0; k < classCount; k++) {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other++) {
      support += tally[k * classCount + other];
      predicted += tally[other * classCount + k];
    }
    const value = of(tally[k * (classCount + 1)], support, predicted);
    if (value === undefined) continue;
    sum += value;
    counted++;
  }
  return sum / counted;
}

/**
 * Sums over rows from which every metric is computed: the flat confusion matrix [actual, predicted], then the sum of log losses,
 * then the sum of Brier scores. Tallies are additive, which makes resampling whole speakers cheap.
 */
export type Tally = Float64Array;

/** Length of a tally. */
export function tallySize(classCount: number): number {
  return classCount ** 2 + 2;
}

/** Probabilities are clipped to this minimum, like scikit-learn does for 32-bit numbers, so that the log loss stays finite. */
const minProbability = 2 ** -23;

/**
 * Tallies rows by group.
 *
 * @param groupOf - group of each row; shape [rows]
 * @returns shape [groups, {@link tallySize}]
 */
export function tallyRows(predictions: Predictions, groupOf: Int32Array, groups: number): Float64Array {
  const { actual, probabilities, classes } = predictions;
  const size = tallySize(classes.length);
  const tallies = new Float64Array(groups * size);
  predictedClasses(predictions).forEach((predicted, row) => {
    const start = groupOf[row] * size;
    const is = actual[row];
    const own = row * classes.length;
    tallies[start + is * classes.length + predicted]++;
    tallies[start + size - 2] -= Math.log(Math.max(probabilities[own + is], minProbability));
    let squares = 0;
    for (let k = 0; k < classes.length; k++) squares += (probabilities[own + k] - (k === is ? 1 : 0)) ** 2;
    tallies[start + size - 1] += squares;
  });
  return tallies;
}

/** The tally of all rows. */
function tallyAll(predictions: Predictions): Tally {
  return tallyRows(predictions, new Int32Array(predictions.clips.length), 1);
}
