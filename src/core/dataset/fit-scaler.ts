import { InvalidArgumentError } from '../base';
import { createScaler, type Scaler } from './scaler';

export interface FitScalerOptions {
  /**
   * columns that are scaled each by itself; default `rowSize`: every value of a row, as in the paper's flat layout. For
   * frames, the number of coefficients: a coefficient is scaled alike in all frames.
   */
  columns?: number;
  /** frames that each row of `data` has before its zeros (a feature set's `frames`); what follows is left out; default all */
  frames?: Int32Array;
}

/**
 * Fits a scaler to some rows of a large array, without copying them: mean and standard deviation (of the population, ddof 0,
 * as scikit-learn's StandardScaler) of each column, over the values that are numbers.
 *
 * @param data - shape [rows, rowSize]
 * @param rows - indices of the rows to fit to: those of training
 * @throws {@link InvalidArgumentError} if there are no rows, one is not in `data`, or the sizes do not fit
 */
export function fitScaler(
  data: Float32Array,
  rowSize: number,
  rows: ArrayLike<number>,
  { columns = rowSize, frames }: FitScalerOptions = {},
): Scaler {
  const count = rowCount(data, rowSize);
  if (!Number.isSafeInteger(columns) || columns < 1 || rowSize % columns !== 0) {
    throw new InvalidArgumentError('columns', `a divisor of rowSize (${rowSize})`, columns);
  }
  if (frames && frames.length !== count) {
    throw new InvalidArgumentError('frames', `one number a row (${count})`, frames.length);
  }
  if (rows.length === 0) throw new InvalidArgumentError('rows', 'at least one row', 0);

  // Sums are of differences from a value of the column: small numbers, and exactly 0 where the column does not vary.
  const shift = new Float64Array(columns);
  const sum = new Float64Array(columns);
  const squares = new Float64Array(columns);
  const counts = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) {
    checkRow(rows[i], count);
    const start = rows[i] * rowSize;
    const end = start + (frames ? Math.min(frames[rows[i]] * columns, rowSize) : rowSize);
    for (let at = start; at < end; at += columns) {
      for (let k = 0; k < columns; k++) {
        const value = data[at + k];
        if (value - value !== 0) continue; // NaN or infinite
        if (counts[k] === 0) shift[k] = value;
        const difference = value - shift[k];
        sum[k] += difference;
        squares[k] += difference * difference;
        counts[k]++;
      }
    }
  }
  const mean = new Float32Array(columns);
  const deviation = new Float32Array(columns).fill(1);
  for (let k = 0; k < columns; k++) {
    if (counts[k] === 0) continue;
    const offset = sum[k] / counts[k];
    mean[k] = shift[k] + offset;
    const variance = squares[k] / counts[k] - offset * offset;
    if (variance > 0) deviation[k] = Math.sqrt(variance);
  }
  // A deviation may be too small for 32 bits.
  return createScaler(
    mean,
    deviation.map((value) => value || 1),
  );
}

/** @throws {@link InvalidArgumentError} if the array does not consist of such rows */
export function rowCount(data: Float32Array, rowSize: number): number {
  if (!Number.isSafeInteger(rowSize) || rowSize < 1 || data.length % rowSize !== 0) {
    throw new InvalidArgumentError('rowSize', `a divisor of the length of data (${data.length})`, rowSize);
  }
  return data.length / rowSize;
}

export function checkRow(row: number, count: number): void {
  if (!(row >= 0 && row < count))
    throw new InvalidArgumentError('rows', `indices from 0 to ${count - 1}`, row);
}
