import { InvalidArgumentError } from '../base';
import type { Matrix } from '../dsp';
import type { FeatureSet } from './feature-set';

/**
 * One version of one clip as it was measured: the frames that the clip has, without the zeros behind them.
 *
 * @param row - clip · versions + version
 * @returns shape [frames, coefficients]; a view of the set, not a copy
 * @throws {@link InvalidArgumentError} if there is no such row
 */
export function rowMatrix(
  { data, shape: [clips, versions, frames, coefficients], frames: counts }: FeatureSet,
  row: number,
): Matrix {
  if (!Number.isInteger(row) || row < 0 || row >= clips * versions) {
    throw new InvalidArgumentError('row', `a row of the set, 0 to ${clips * versions - 1}`, row);
  }
  const start = row * frames * coefficients;
  const shape: Matrix['shape'] = [counts[row], coefficients];
  return { data: data.subarray(start, start + shape[0] * coefficients), shape };
}
