import { textTable } from '../base';
import { type ConfusionMatrix, rowShares } from './confusion-matrix';
import { percent } from './format-score';
import { protocolMark, protocolText } from './under-protocol';

/** A confusion matrix as text: a line an actual emotion, with its recall and the protocol at the end. */
export function formatConfusionMatrix(matrix: ConfusionMatrix): string {
  const { classes, counts } = matrix;
  const shares = rowShares(matrix);
  const lines = classes.map((emotion, actual) => {
    const start = actual * classes.length;
    const own = Array.from(counts.subarray(start, start + classes.length), (count) =>
      count.toLocaleString('en-US'),
    );
    const recall = shares[start + actual];
    return [emotion, ...own, Number.isNaN(recall) ? '–' : `${percent(recall)} %`, protocolMark(matrix)];
  });
  return [
    `Protocol: ${protocolText(matrix)}`,
    textTable([['actual, taken for', ...classes, 'recall', 'protocol'], ...lines], [0, -1]),
    '',
  ].join('\n');
}
