import { InvalidArgumentError } from '../base';
import type { FeatureSet } from '../features';

/** What is written of a {@link Scaler}. */
export interface ScalerJson {
  kind: 'standard';
  mean: number[];
  deviation: number[];
}

/**
 * Standardisation: each column less its mean, divided by its standard deviation.
 *
 * It has as many columns as `mean`; an array is read as one row of them after another. What is not a number comes out as 0,
 * which is the mean, so that a missing value never spoils a batch (scikit-learn's StandardScaler would pass it on).
 */
export interface Scaler {
  readonly kind: 'standard';
  /** shape [columns] */
  readonly mean: Float32Array;
  /** shape [columns]; 1 where a column does not vary, so that it is only centred */
  readonly deviation: Float32Array;
  /**
   * @param values - shape [any, columns]
   * @param out - as long as `values`, overwritten; may be `values` itself; default a new array
   * @returns `out`
   * @throws InvalidArgumentError if the lengths do not fit
   */
  transform(values: Float32Array, out?: Float32Array): Float32Array;
  /** The way back; parameters as of `transform`. */
  inverse(values: Float32Array, out?: Float32Array): Float32Array;
  toJSON(): ScalerJson;
}

/**
 * A scaler of known numbers. To get them from data: `fitScaler`.
 *
 * @throws {@link InvalidArgumentError} if the two differ in length, are empty, or hold anything but finite means and positive
 *   deviations
 */
export function createScaler(mean: Float32Array, deviation: Float32Array): Scaler {
  if (mean.length === 0 || !mean.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'mean',
      'finite numbers, at least one',
      mean.find((x) => !Number.isFinite(x)),
    );
  }
  if (deviation.length !== mean.length) {
    throw new InvalidArgumentError('deviation', `as long as mean (${mean.length})`, deviation.length);
  }
  const wrong = deviation.find((value) => !(value > 0 && value < Infinity));
  if (wrong !== undefined) throw new InvalidArgumentError('deviation', 'positive numbers', wrong);

  const columns = mean.length;
  const check = (values: Float32Array, out: Float32Array): void => {
    if (values.length % columns !== 0) {
      throw new InvalidArgumentError('values', `as long as whole rows of ${columns} columns`, values.length);
    }
    if (out.length !== values.length) {
      throw new InvalidArgumentError('out', `as long as values (${values.length})`, out.length);
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
    // Nine digits tell any two 32-bit floats apart.
    toJSON: () => ({ kind: 'standard', mean: digits(mean), deviation: digits(deviation) }),
  };
}

/** Standardises `count` values from `start` of one array to `target` of another; what is not a number becomes 0. */
export function standardise(
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

/** What is written of a {@link SpeakerScaler}. */
export interface SpeakerScalerJson {
  kind: 'per speaker';
  speakers: Record<string, ScalerJson>;
  others: ScalerJson;
}

/**
 * A scaler for each speaker, fitted to all recordings of that speaker: what is left is how a voice departs from itself.
 *
 * It is transductive: the statistics of a test speaker come from the test recordings (not from their labels). A score with
 * it holds for a speaker of whom a set of recordings is at hand, not for a single recording of a stranger.
 */
export interface SpeakerScaler {
  readonly kind: 'per speaker';
  readonly speakers: ReadonlyMap<string, Scaler>;
  /** for speakers that it does not know */
  readonly others: Scaler;
  of(speaker: string | undefined): Scaler;
  toJSON(): SpeakerScalerJson;
}

export interface FitSpeakerScalerOptions extends FitScalerOptions {
  /** rows that the scaler of unknown speakers is fitted to: those of training */
  trainRows: ArrayLike<number>;
}

/**
 * Fits a scaler to each speaker's recordings, in the original version: a test has no other.
 *
 * @param data - shape [clip, version, rowSize]
 * @param set - whose clips and versions the rows are
 * @throws {@link InvalidArgumentError} if no clip has a speaker, there is no original version, or as `fitScaler` says
 */
export function fitSpeakerScaler(
  data: Float32Array,
  rowSize: number,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { trainRows, ...options }: FitSpeakerScalerOptions,
): SpeakerScaler {
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'with one called original', versions);
  const rowsOf = new Map<string, number[]>();
  for (const [i, { speaker }] of clips.entries()) {
    if (speaker === undefined) continue;
    const rows = rowsOf.get(speaker) ?? [];
    rowsOf.set(speaker, rows);
    rows.push(i * versions.length + original);
  }
  if (rowsOf.size === 0) throw new InvalidArgumentError('clips', 'of known speakers', 'none with a speaker');
  const speakers = new Map(
    [...rowsOf].map(([speaker, rows]) => [speaker, fitScaler(data, rowSize, rows, options)] as const),
  );
  return createSpeakerScaler(speakers, fitScaler(data, rowSize, trainRows, options));
}

/** A scaler of known scalers. To get them from data: {@link fitSpeakerScaler}. */
export function createSpeakerScaler(speakers: ReadonlyMap<string, Scaler>, others: Scaler): SpeakerScaler {
  return {
    kind: 'per speaker',
    speakers,
    others,
    of: (speaker) => (speaker === undefined ? others : (speakers.get(speaker) ?? others)),
    toJSON: () => ({
      kind: 'per speaker',
      speakers: Object.fromEntries([...speakers].map(([name, scaler]) => [name, scaler.toJSON()])),
      others: others.toJSON(),
    }),
  };
}

/** The scaler of each row of a feature set, for `gatherRows`. */
export function scalerOfRow(
  scaler: Scaler | SpeakerScaler,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
): (row: number) => Scaler {
  if (scaler.kind === 'standard') return () => scaler;
  const scalers = clips.map(({ speaker }) => scaler.of(speaker));
  return (row) => scalers[Math.floor(row / versions.length)];
}
