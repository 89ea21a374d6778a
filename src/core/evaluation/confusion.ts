import { type Emotion, formatCount, formatPercent, InvalidArgumentError, textTable } from '../base';
import {
  checkPredictions,
  predictedClasses,
  type Predictions,
  protocolMark,
  protocolOf,
  protocolText,
  type UnderProtocol,
} from './predictions';

/** Number of rows by actual and predicted emotion. */
export interface ConfusionMatrix extends UnderProtocol {
  classes: readonly Emotion[];
  /** shape [actual, predicted] */
  counts: Int32Array;
}

/**
 * Counts the rows of each actual and predicted emotion: the paper's Fig. 9. Unlike scikit-learn's, it includes classes that do
 * not occur.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid
 * @example
 * ```ts
 * console.log(formatConfusionMatrix(confusionMatrix(predictions)));
 * ```
 */
export function confusionMatrix(predictions: Predictions): ConfusionMatrix {
  checkPredictions(predictions);
  const { classes, actual } = predictions;
  const counts = new Int32Array(classes.length ** 2);
  predictedClasses(predictions).forEach(
    (predicted, row) => counts[actual[row] * classes.length + predicted]++,
  );
  return { ...protocolOf(predictions), classes, counts };
}

/**
 * A confusion matrix as shares of each actual emotion; the diagonal is the recall.
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

/** An emotion predicted as another. */
export interface ConfusedPair {
  actual: Emotion;
  predicted: Emotion;
  /** number of rows */
  count: number;
  /** share of the rows of the actual emotion */
  share: number;
}

/**
 * The most frequent confusions, by share of the actual emotion's rows, so that rare emotions count as much as frequent ones.
 *
 * @param count - maximum number; default 5
 * @returns most frequent first; pairs that do not occur are omitted
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

/** A confusion matrix as text: one line per actual emotion, with its recall and the protocol at the end. */
export function formatConfusionMatrix(matrix: ConfusionMatrix): string {
  const { classes, counts } = matrix;
  const shares = rowShares(matrix);
  const lines = classes.map((emotion, actual) => {
    const start = actual * classes.length;
    const own = Array.from(counts.subarray(start, start + classes.length), (count) => formatCount(count));
    const recall = shares[start + actual];
    return [emotion, ...own, Number.isNaN(recall) ? '–' : formatPercent(recall), protocolMark(matrix)];
  });
  return [
    `Protocol: ${protocolText(matrix)}`,
    textTable([['actual, predicted as', ...classes, 'recall', 'protocol'], ...lines], [0, -1]),
    '',
  ].join('\n');
}

/** Scores of one class. */
export interface ClassScores {
  emotion: Emotion;
  /** share of the rows predicted as this emotion that are correct; 0 without such rows */
  precision: number;
  /** share of the rows of this emotion that are predicted correctly; 0 without such rows */
  recall: number;
  /** harmonic mean of precision and recall; 0 without such rows */
  f1: number;
  /** number of rows of this emotion */
  support: number;
  /** number of rows predicted as this emotion */
  predicted: number;
}

/**
 * Precision, recall and F1 of each class; 0 where undefined, like scikit-learn.
 *
 * @returns one record per class
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

/** Means over the classes. */
export interface ClassMeans {
  precision: number;
  recall: number;
  f1: number;
}

/** Scores of each class and their means: the paper's Table III. */
export interface ClassificationReport extends UnderProtocol {
  /** the classes that occur, actual or predicted */
  classes: ClassScores[];
  accuracy: number;
  /** unweighted average recall: mean over the classes with rows */
  uar: number;
  /** unweighted means over `classes`; the recall is below the UAR if a class is predicted that has no rows */
  macro: ClassMeans;
  /** means weighted by the number of rows of each class */
  weighted: ClassMeans;
  rows: number;
}

/**
 * Precision, recall and F1 of each class and their means.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid
 * @see scikit-learn 1.9, `classification_report`
 * @example
 * ```ts
 * console.log(formatClassificationReport(classificationReport(predictions)));
 * ```
 */
export function classificationReport(predictions: Predictions): ClassificationReport {
  return reportFromMatrix(confusionMatrix(predictions));
}

/** Computes the classification report from a confusion matrix. */
export function reportFromMatrix(matrix: ConfusionMatrix): ClassificationReport {
  const classes = classScores(matrix).filter(({ support, predicted }) => support + predicted > 0);
  const rows = matrix.counts.reduce((sum, count) => sum + count, 0);
  const right = classes.reduce((sum, { recall, support }) => sum + recall * support, 0);
  return {
    ...protocolOf(matrix),
    classes,
    accuracy: right / rows,
    uar: mean(classes, 'recall', ({ support }) => Math.sign(support)),
    macro: means(classes, () => 1),
    weighted: means(classes, ({ support }) => support),
    rows,
  };
}

/**
 * The report as text: the protocol in the first line, then scikit-learn's table, then the UAR.
 *
 * @param options - `digits`: decimal places; default 2
 */
export function formatClassificationReport(
  report: ClassificationReport,
  { digits = 2 }: { digits?: number } = {},
): string {
  const { classes, accuracy, uar, macro, weighted, rows } = report;
  const first = Math.max('weighted avg'.length, ...classes.map(({ emotion }) => emotion.length));
  const line = (name: string, values: readonly string[], last: number | string): string =>
    [name.padStart(first), '', ...values.map((value) => value.padStart(9)), String(last).padStart(9)].join(
      ' ',
    );
  const scores = ({ precision, recall, f1 }: ClassMeans): string[] =>
    [precision, recall, f1].map((value) => value.toFixed(digits));
  return [
    `Protocol: ${protocolText(report)}`,
    line('', ['precision', 'recall', 'f1-score'], 'support'),
    '',
    ...classes.map((one) => line(one.emotion, scores(one), one.support)),
    '',
    line('accuracy', ['', '', accuracy.toFixed(digits)], rows),
    line('macro avg', scores(macro), rows),
    line('weighted avg', scores(weighted), rows),
    line('UAR', ['', uar.toFixed(digits), ''], rows),
    '',
  ].join('\n');
}

function means(classes: readonly ClassScores[], weight: (one: ClassScores) => number): ClassMeans {
  return {
    precision: mean(classes, 'precision', weight),
    recall: mean(classes, 'recall', weight),
    f1: mean(classes, 'f1', weight),
  };
}

function mean(
  classes: readonly ClassScores[],
  key: keyof ClassMeans,
  weight: (one: ClassScores) => number,
): number {
  const total = classes.reduce((sum, one) => sum + weight(one), 0);
  return classes.reduce((sum, one) => sum + weight(one) * one[key], 0) / total;
}
