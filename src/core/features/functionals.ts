import { InvalidArgumentError } from '../base';
import type { FeatureSet } from './feature-set';

/**
 * Rows as statistics over time: what a classifier without a sense of time reads, in the manner of eGeMAPS.
 *
 * Of each coefficient over the row's own frames (never the zeros that fill it up): mean, standard deviation (of the population)
 * and percentiles, interpolated as numpy's. `f0` is described over voiced frames only, and gets one column more, the share of
 * frames that are voiced. A row without frames is all zeros.
 *
 * @param percentiles - in percent, 0 to 100
 * @returns shape [rows, columns], and the columns' names: `rms.mean`, `mfcc3.std`, `f0.p50`, `f0.voiced`…
 * @throws {@link InvalidArgumentError} if a percentile is outside 0 to 100
 * @see F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set", IEEE Transactions on Affective Computing 2016
 */
export function functionals(
  set: Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'columns'>,
  { percentiles = [20, 50, 80] }: { percentiles?: readonly number[] } = {},
): { data: Float32Array; shape: [rows: number, columns: number]; columns: string[] } {
  for (const percent of percentiles) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new InvalidArgumentError('percentiles', 'numbers from 0 to 100', percent);
    }
  }
  const columns = set.columns.flatMap((column) => [
    `${column}.mean`,
    `${column}.std`,
    ...percentiles.map((percent) => `${column}.p${percent}`),
    ...(column === 'f0' ? ['f0.voiced'] : []),
  ]);
  const [clips, versions, frames, coefficients] = set.shape;
  const rows = clips * versions;
  const data = new Float32Array(rows * columns.length);
  const course = new Float32Array(frames);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (const [k, column] of set.columns.entries()) {
      let count = 0;
      for (let i = 0; i < set.frames[row]; i++) {
        const value = set.data[(row * frames + i) * coefficients + k];
        if (value !== 0 || column !== 'f0') course[count++] = value;
      }
      const sorted = course.subarray(0, count).sort();
      const average = mean(sorted);
      data[next++] = average;
      data[next++] = Math.sqrt(mean(sorted, average));
      for (const percent of percentiles) data[next++] = percentile(sorted, percent);
      if (column === 'f0') data[next++] = set.frames[row] > 0 ? count / set.frames[row] : 0;
    }
  }
  return { data, shape: [rows, columns.length], columns };
}

/** The mean, or about a centre the mean square; 0 of nothing. */
function mean(values: Float32Array, centre?: number): number {
  let sum = 0;
  for (const value of values) sum += centre === undefined ? value : (value - centre) ** 2;
  return values.length > 0 ? sum / values.length : 0;
}

function percentile(sorted: Float32Array, percent: number): number {
  if (sorted.length === 0) return 0;
  const place = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
