import { InvalidArgumentError } from '../base';
import type { RowSource } from '../features';

/** A {@link Scaler} as JSON. */
export interface ScalerJson {
  kind: 'standard';
  mean: number[];
  deviation: number[];
}

/**
 * Standardisation: subtracts the mean of each column and divides by its standard deviation.
 *
 * Arrays consist of rows of `mean.length` columns. NaN becomes 0, the mean, so that missing values do not spread through a batch
 * (scikit-learn's StandardScaler would keep it).
 */
export interface Scaler {
  readonly kind: 'standard';
  /** shape [columns] */
  readonly mean: Float32Array;
  /** shape [columns]; 1 for a constant column, which is then only centred */
  readonly deviation: Float32Array;
  /**
   * @param values - shape [any, columns]
   * @param out - same length as `values`, overwritten; may be `values` itself; default a new array
   * @returns `out`
   * @throws {@link InvalidArgumentError} if the lengths do not match
   */
  transform(values: Float32Array, out?: Float32Array): Float32Array;
  /** Reverts `transform`; same parameters. */
  inverse(values: Float32Array, out?: Float32Array): Float32Array;
  toJSON(): ScalerJson;
}

/**
 * Creates a scaler from known means and deviations. To fit one to data, use {@link fitScaler}.
 *
 * @throws {@link InvalidArgumentError} if the arrays are empty or differ in length, a mean is not finite, or a deviation is not
 * positive
 */
export function createScaler(mean: Float32Array, deviation: Float32Array): Scaler {
  if (mean.length === 0 || !mean.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'mean',
      'a list of one or more finite numbers',
      mean.find((x) => !Number.isFinite(x)),
    );
  }
  if (deviation.length !== mean.length) {
    throw new InvalidArgumentError(
      'deviation',
      `of the same length as mean (${mean.length})`,
      deviation.length,
    );
  }
  const wrong = deviation.find((value) => !(value > 0 && value < Infinity));
  if (wrong !== undefined) throw new InvalidArgumentError('deviation', 'positive numbers', wrong);

  const columns = mean.length;
  const check = (values: Float32Array, out: Float32Array): void => {
    if (values.length % columns !== 0) {
      throw new InvalidArgumentError(
        'values',
        `of a length divisible by the ${columns} columns`,
        values.length,
      );
    }
    if (out.length !== values.length) {
      throw new InvalidArgumentError('out', `of the same length as values (${values.length})`, out.length);
    }
  };
  return {
    kind: 'standard',
    mean,
    deviation,
    transform: (values, out = new Float32Array(values.length)) => {
      check(values, out);
      standardise(values, 0, values.length, { mean, deviation }, out, 0);
      return out;
    },
    inverse: (values, out = new Float32Array(values.length)) => {
      check(values, out);
      for (let start = 0; start < values.length; start += columns) {
        for (let k = 0; k < columns; k++) out[start + k] = values[start + k] * deviation[k] + mean[k];
      }
      return out;
    },
    // Nine digits represent any 32-bit float exactly.
    toJSON: () => ({ kind: 'standard', mean: digits(mean), deviation: digits(deviation) }),
  };
}

/** Standardises `count` values from index `start` into `out` from index `target`; NaN becomes 0. */
function standardise(
  values: Float32Array,
  start: number,
  count: number,
  { mean, deviation }: Pick<Scaler, 'mean' | 'deviation'>,
  out: Float32Array,
  target: number,
): void {
  const columns = mean.length;
  for (let at = 0; at < count; at += columns) {
    for (let k = 0; k < columns; k++) {
      const value = (values[start + at + k] - mean[k]) / deviation[k];
      out[target + at + k] = value === value ? value : 0;
    }
  }
}

const digits = (values: Float32Array): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(9)));

/** Options of {@link fitScaler}. */
export interface FitScalerOptions {
  /**
   * number of columns that are scaled separately; default `rowSize`, as in the paper's flat layout. For frames use the number of
   * coefficients: each coefficient then has one mean and deviation over all frames.
   */
  columns?: number;
  /**
   * number of frames of each row of `data` before its zero padding (`frames` of a feature set); padding is ignored; default all
   * frames
   */
  frames?: Int32Array;
}

/**
 * Fits a scaler to selected rows of a large array without copying them.
 *
 * Mean and population standard deviation (ddof 0, like scikit-learn's StandardScaler) of each column; NaN and infinite values are
 * ignored.
 *
 * @param data - shape [rows, rowSize]
 * @param rows - indices of the training rows
 * @param rowSize - values per row, frames · coefficients
 * @throws {@link InvalidArgumentError} if there are no rows, an index is out of range, or the sizes do not match
 * @example
 * ```ts
 * const scaler = fitScaler(set.data, rowSize, split.train);
 * ```
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
    throw new InvalidArgumentError('frames', `one number per row (${count})`, frames.length);
  }
  if (rows.length === 0) throw new InvalidArgumentError('rows', 'at least one row', 0);
  const fitting = startScaler(columns);
  for (let i = 0; i < rows.length; i++) {
    checkRow(rows[i], count);
    const start = rows[i] * rowSize;
    fitting.add(data, start, start + (frames ? Math.min(frames[rows[i]] * columns, rowSize) : rowSize));
  }
  return fitting.scaler();
}

/** A scaler that is fitted in several steps. */
interface ScalerFitting {
  /** adds the values from index `start` to `end` */
  add(values: Float32Array, start: number, end: number): void;
  scaler(): Scaler;
}

function startScaler(columns: number): ScalerFitting {
  // Differences from the first value of the column keep the sums small, and exactly 0 for a constant column.
  const shift = new Float64Array(columns);
  const sum = new Float64Array(columns);
  const squares = new Float64Array(columns);
  const counts = new Float64Array(columns);
  return {
    add: (values, start, end) => {
      for (let at = start; at < end; at += columns) {
        for (let k = 0; k < columns; k++) {
          const value = values[at + k];
          if (value - value !== 0) continue; // NaN or infinite
          if (counts[k] === 0) shift[k] = value;
          const difference = value - shift[k];
          sum[k] += difference;
          squares[k] += difference * difference;
          counts[k]++;
        }
      }
    },
    scaler: () => {
      const mean = new Float32Array(columns);
      const deviation = new Float32Array(columns).fill(1);
      for (let k = 0; k < columns; k++) {
        if (counts[k] === 0) continue;
        const offset = sum[k] / counts[k];
        mean[k] = shift[k] + offset;
        const variance = squares[k] / counts[k] - offset * offset;
        if (variance > 0) deviation[k] = Math.sqrt(variance);
      }
      // A deviation may underflow to 0 in 32 bits.
      return createScaler(
        mean,
        deviation.map((value) => value || 1),
      );
    },
  };
}

/** Values that are read from a source at once: 16 MB. */
const valuesPerBlock = 2 ** 22;

/** {@link fitScaler} for rows that are not in memory: the same sums in the same order, so an identical scaler. */
export async function fitScalerFrom(
  { rowSize, read }: RowSource,
  rows: ArrayLike<number>,
  { columns = rowSize, frames }: FitScalerOptions = {},
): Promise<Scaler> {
  if (rows.length === 0) throw new InvalidArgumentError('rows', 'at least one row', 0);
  const fitting = startScaler(columns);
  const all = Int32Array.from(rows);
  const perBlock = Math.max(1, Math.floor(valuesPerBlock / rowSize));
  const block = new Float32Array(Math.min(all.length, perBlock) * rowSize);
  for (let from = 0; from < all.length; from += perBlock) {
    const own = all.subarray(from, from + perBlock);
    await read(own, block.subarray(0, own.length * rowSize));
    for (const [i, row] of own.entries()) {
      const filled = frames ? Math.min(frames[row] * columns, rowSize) : rowSize;
      fitting.add(block, i * rowSize, i * rowSize + filled);
    }
  }
  return fitting.scaler();
}

/** @throws {@link InvalidArgumentError} if the length is not a multiple of `rowSize` */
function rowCount(data: Float32Array, rowSize: number): number {
  if (!Number.isSafeInteger(rowSize) || rowSize < 1 || data.length % rowSize !== 0) {
    throw new InvalidArgumentError('rowSize', `a divisor of the length of data (${data.length})`, rowSize);
  }
  return data.length / rowSize;
}

function checkRow(row: number, count: number): void {
  if (!(row >= 0 && row < count))
    throw new InvalidArgumentError('rows', `indices from 0 to ${count - 1}`, row);
}

/** Options of {@link gatherRows}. */
export interface GatherOptions {
  /**
   * number of frames of each row of `data` before its zero padding (`frames` of a feature set); padding stays 0, the mean;
   * default all frames
   */
  frames?: Int32Array;
}

/**
 * Copies rows into a batch and scales them, so that training needs no scaled copy of all features.
 *
 * @param data - shape [rows, rowSize]; not changed
 * @param indices - row indices, in the order of the batch
 * @param scaler - one scaler, one per row (`scalerOfRow`), or undefined for no scaling
 * @param out - shape [indices, rowSize], overwritten; default a new array
 * @param rowSize - values per row, frames · coefficients
 * @returns `out`
 * @throws {@link InvalidArgumentError} if an index is out of range, or the sizes do not match
 * @example
 * ```ts
 * const batch = gatherRows(set.data, rowSize, split.train.subarray(0, 64), scaler);
 * ```
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
    throw new InvalidArgumentError('out', `of length ${indices.length} × ${rowSize}`, out.length);
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
      throw new InvalidArgumentError(
        'scaler',
        `one with a number of columns that divides rowSize (${rowSize})`,
        columns,
      );
    }
    const filled = frames ? Math.min(frames[row] * columns, rowSize) : rowSize;
    standardise(data, row * rowSize, filled, own, out, target);
    out.fill(0, target + filled, target + rowSize);
  }
  return out;
}
