import { InvalidArgumentError } from '../base';

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
