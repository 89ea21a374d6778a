import { type ClassScores, classScores } from './class-scores';
import { type ConfusionMatrix, confusionMatrix } from './confusion-matrix';
import type { Predictions } from './predictions';
import { protocolOf, protocolText, type UnderProtocol } from './under-protocol';

/** Means over the classes. */
export interface ClassMeans {
  precision: number;
  recall: number;
  f1: number;
}

/** The paper's Table III. */
export interface ClassificationReport extends UnderProtocol {
  /** the classes that occur, as actual or as predicted */
  classes: ClassScores[];
  accuracy: number;
  /** unweighted average recall: mean over the classes that have rows */
  uar: number;
  /** plain means over the classes listed; its recall is below the UAR where a class is predicted that has no rows */
  macro: ClassMeans;
  /** means weighted by the rows of each class */
  weighted: ClassMeans;
  rows: number;
}

/**
 * Precision, recall and F1 for each class and their means.
 *
 * @see scikit-learn 1.9, `classification_report`
 */
export function classificationReport(predictions: Predictions): ClassificationReport {
  return reportOfMatrix(confusionMatrix(predictions));
}

/** The same from a confusion matrix that was kept. */
export function reportOfMatrix(matrix: ConfusionMatrix): ClassificationReport {
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

/** The report as text: the protocol in the first line, then scikit-learn's table, then the UAR. */
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
