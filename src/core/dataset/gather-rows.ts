import { InvalidArgumentError } from '../base';
import { checkRow, rowCount } from './fit-scaler';
import { type Scaler, standardise } from './scaler';

export interface GatherOptions {
  /**
   * frames that each row of `data` has before its zeros (a feature set's `frames`): those behind stay 0, which is the mean,
   * instead of being scaled like sound. Default all.
   */
  frames?: Int32Array;
}

/**
 * Copies rows into a batch, scaled on the way: training needs no second copy of all features.
 *
 * @param data - shape [rows, rowSize]; not changed
 * @param indices - of the rows, in the order wanted
 * @param scaler - one, or of each row its own (`scalerOfRow`), or undefined for none
 * @param out - shape [indices, rowSize], overwritten; default a new array
 * @returns `out`
 * @throws {@link InvalidArgumentError} if a row is not in `data`, or the sizes do not fit
 */
export function gatherRows(
  data: Float32Array,
  rowSize: number,
  indices: ArrayLike<number>,
  scaler?: Scaler | ((row: number) => Scaler),
  out: Float32Array = new Float32Array(indices.length * rowSize),
  { frames }: GatherOptions = {},
): Float32Array {
  const count = rowCount(data, rowSize);
  if (out.length !== indices.length * rowSize) {
    throw new InvalidArgumentError('out', `of ${indices.length} rows of ${rowSize} numbers`, out.length);
  }
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    checkRow(row, count);
    const target = i * rowSize;
    const own = typeof scaler === 'function' ? scaler(row) : scaler;
    if (!own) {
      out.set(data.subarray(row * rowSize, (row + 1) * rowSize), target);
      continue;
    }
    const columns = own.mean.length;
    if (rowSize % columns !== 0) {
      throw new InvalidArgumentError('scaler', `of columns that divide rowSize (${rowSize})`, columns);
    }
    const filled = frames ? Math.min(frames[row] * columns, rowSize) : rowSize;
    standardise(data, row * rowSize, filled, own, out, target);
    out.fill(0, target + filled, target + rowSize);
  }
  return out;
}
