import { predictedClasses, type Predictions } from './predictions';

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
