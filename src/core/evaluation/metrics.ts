import { checkPredictions, predictedClasses, type Predictions } from './predictions';

export const metricNames = ['accuracy', 'uar', 'macroPrecision', 'macroF1', 'logLoss', 'brier'] as const;
export type MetricName = (typeof metricNames)[number];

/** What a metric is called, and how it follows from a tally. */
export interface Metric {
  title: string;
  /** between 0 and 1, shown as per cent; the others are losses: less is better */
  isShare: boolean;
  /** @param classes - number of classes */
  of(tally: Tally, classes: number): number;
}

/**
 * The metrics by name.
 *
 * - `accuracy`: share of the rows that are right
 * - `uar`: unweighted average recall, the mean over the classes that have rows; scikit-learn's balanced accuracy
 * - `macroPrecision`, `macroF1`: means over the classes that occur, as actual or as predicted
 * - `logLoss`: mean of −ln of the actual class's probability
 * - `brier`: mean over rows of the squared distance between the probabilities and the truth, 0 to 2
 */
export const metrics: Readonly<Record<MetricName, Metric>> = {
  accuracy: { title: 'accuracy', isShare: true, of: accuracyOf },
  uar: {
    title: 'UAR',
    isShare: true,
    of: (tally, classes) =>
      meanOverClasses(tally, classes, (right, support) => (support > 0 ? right / support : undefined)),
  },
  macroPrecision: {
    title: 'macro precision',
    isShare: true,
    of: (tally, classes) =>
      meanOverClasses(tally, classes, (right, support, predicted) =>
        predicted > 0 ? right / predicted : support > 0 ? 0 : undefined,
      ),
  },
  macroF1: {
    title: 'macro F1',
    isShare: true,
    of: (tally, classes) =>
      meanOverClasses(tally, classes, (right, support, predicted) =>
        support + predicted > 0 ? (2 * right) / (support + predicted) : undefined,
      ),
  },
  logLoss: {
    title: 'log loss',
    isShare: false,
    of: (tally, classes) => tally[classes ** 2] / rowsOf(tally, classes),
  },
  brier: {
    title: 'Brier score',
    isShare: false,
    of: (tally, classes) => tally[classes ** 2 + 1] / rowsOf(tally, classes),
  },
};

/**
 * One metric over all rows, as a bare number to compute with; to show it, see {@link scoreReport}.
 */
export function metricOf(predictions: Predictions, metric: MetricName): number {
  checkPredictions(predictions);
  return metrics[metric].of(tallyAll(predictions), predictions.classes.length);
}

function rowsOf(tally: Tally, classes: number): number {
  let rows = 0;
  for (let i = 0; i < classes ** 2; i++) rows += tally[i];
  return rows;
}

function accuracyOf(tally: Tally, classes: number): number {
  let right = 0;
  for (let k = 0; k < classes; k++) right += tally[k * (classes + 1)];
  return right / rowsOf(tally, classes);
}

/** @param of - undefined leaves the class out */
function meanOverClasses(
  tally: Tally,
  classes: number,
  of: (right: number, support: number, predicted: number) => number | undefined,
): number {
  let sum = 0;
  let counted = 0;
  for (let k = 0; k < classes; k++) {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classes; other++) {
      support += tally[k * classes + other];
      predicted += tally[other * classes + k];
    }
    const value = of(tally[k * (classes + 1)], support, predicted);
    if (value === undefined) continue;
    sum += value;
    counted++;
  }
  return sum / counted;
}

/**
 * Sums over rows from which every metric follows: classes² counts [actual, predicted], then the sum of the log losses,
 * then the sum of the Brier scores. Tallies of parts add up to the tally of the whole, which makes resampling whole
 * speakers cheap.
 */
export type Tally = Float64Array;

/** Values in a tally. */
export function tallySize(classes: number): number {
  return classes ** 2 + 2;
}

/** Probabilities are kept this far from 0, as scikit-learn does for 32-bit numbers, so that one row can't cost infinity. */
const leastProbability = 2 ** -23;

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
  predictedClasses(predictions).forEach((said, row) => {
    const start = groupOf[row] * size;
    const is = actual[row];
    const own = row * classes.length;
    tallies[start + is * classes.length + said]++;
    tallies[start + size - 2] -= Math.log(Math.max(probabilities[own + is], leastProbability));
    let squares = 0;
    for (let k = 0; k < classes.length; k++) squares += (probabilities[own + k] - (k === is ? 1 : 0)) ** 2;
    tallies[start + size - 1] += squares;
  });
  return tallies;
}

/** The tally of all rows. */
export function tallyAll(predictions: Predictions): Tally {
  return tallyRows(predictions, new Int32Array(predictions.clips.length), 1);
}
