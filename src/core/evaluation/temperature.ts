import { InvalidArgumentError } from '../base';
import { groupRows, type Predictions, selectRows } from './predictions';

/** A fitted temperature and its effect on the rows it was fitted to. */
export interface Temperature {
  /** above 1 if the model was overconfident */
  temperature: number;
  /** mean log loss before and after scaling */
  logLossBefore: number;
  logLossAfter: number;
}

/** Options of {@link fitTemperature}. */
export interface TemperatureOptions {
  /** whether the values are probabilities (default) or logits, which are more precise where softmax saturates */
  from?: 'probabilities' | 'logits';
}

/** Search range and precision, as logarithms. */
const lowest = Math.log(0.02);
const highest = Math.log(50);
const precision = 1e-7;

/**
 * Fits the temperature that minimises the log loss when it divides the logits. Use validation rows, never test rows.
 *
 * If the actual class has the highest value in every row, ties included, no temperature is optimal: the loss falls, or stays the same,
 * the lower it is. The result is then 1, for example for uniform probabilities, a single class, or correct predictions only.
 *
 * @param values - probabilities or logits of validation rows; shape [rows, classes]
 * @param actual - class of each row; shape [rows]
 * @returns a temperature from 0.02 to 50; a limit if the optimum lies outside, for example 50 if every prediction is wrong
 * @throws {@link InvalidArgumentError} if there are no rows, the lengths do not match, a value is not finite or `actual` contains no class
 * @see Guo et al. (2017), On calibration of modern neural networks
 */
export function fitTemperature(
  values: Float32Array,
  actual: Int32Array,
  { from = 'probabilities' }: TemperatureOptions = {},
): Temperature {
  const classCount = values.length / actual.length;
  if (actual.length === 0) throw new InvalidArgumentError('actual', 'a list with at least one row', []);
  if (!Number.isInteger(classCount)) {
    throw new InvalidArgumentError(
      'values',
      `of a length divisible by the ${actual.length} rows`,
      values.length,
    );
  }
  const invalid = values.find((value) => !Number.isFinite(value));
  if (invalid !== undefined) throw new InvalidArgumentError('values', 'finite numbers', invalid);
  const noClass = actual.find((k) => k < 0 || k >= classCount);
  if (noClass !== undefined) {
    throw new InvalidArgumentError('actual', `class indices from 0 to ${classCount - 1}`, noClass);
  }
  const logits = from === 'logits' ? values : logarithms(values);
  if (isSeparable(logits, actual, classCount)) {
    const loss = meanLogLoss(logits, actual, classCount, 1);
    return { temperature: 1, logLossBefore: loss, logLossAfter: loss };
  }
  const lossAt = (logTemperature: number): number =>
    meanLogLoss(logits, actual, classCount, Math.exp(logTemperature));

  // Golden-section search: the loss is convex in the inverse temperature, so it has one minimum.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = lowest;
  let high = highest;
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let leftLoss = lossAt(left);
  let rightLoss = lossAt(right);
  while (high - low > precision) {
    if (leftLoss <= rightLoss) {
      high = right;
      right = left;
      rightLoss = leftLoss;
      left = high - ratio * (high - low);
      leftLoss = lossAt(left);
    } else {
      low = left;
      left = right;
      leftLoss = rightLoss;
      right = low + ratio * (high - low);
      rightLoss = lossAt(right);
    }
  }
  const best = (low + high) / 2;
  return { temperature: Math.exp(best), logLossBefore: lossAt(0), logLossAfter: lossAt(best) };
}

/** Whether the actual class has the highest value in every row. */
function isSeparable(logits: ArrayLike<number>, actual: Int32Array, classCount: number): boolean {
  return actual.every((k, row) => {
    const start = row * classCount;
    for (let c = 0; c < classCount; c++) if (logits[start + c] > logits[start + k]) return false;
    return true;
  });
}

/**
 * Fits a temperature to the validation predictions of a model; 1 (no change) if there are none, or all of them are correct, since no
 * temperature is optimal then.
 */
export function temperatureFor({
  probabilities,
  actual,
}: Pick<Predictions, 'probabilities' | 'classes' | 'actual'>): number {
  return actual.length === 0 ? 1 : fitTemperature(probabilities, actual).temperature;
}

/**
 * Divides the logits by a temperature. The predicted class stays the same; only the confidence changes.
 *
 * @param values - probabilities or logits; shape [rows, classes]
 * @param classCount - number of classes
 * @returns probabilities; shape [rows, classes]
 * @throws {@link InvalidArgumentError} if the temperature is not positive
 * @example
 * ```ts
 * scaleByTemperature(Float32Array.of(0.9, 0.1), 2, 2); // [0.75, 0.25]
 * ```
 */
export function scaleByTemperature(
  values: Float32Array,
  classCount: number,
  temperature: number,
  { from = 'probabilities' }: TemperatureOptions = {},
): Float32Array {
  if (!(temperature > 0)) throw new InvalidArgumentError('temperature', 'a positive number', temperature);
  const logits = from === 'logits' ? values : logarithms(values);
  const scaled = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += classCount) {
    const own = logits.subarray(start, start + classCount);
    const most = Math.max(...own);
    let sum = 0;
    for (const logit of own) sum += Math.exp((logit - most) / temperature);
    own.forEach((logit, k) => (scaled[start + k] = Math.exp((logit - most) / temperature) / sum));
  }
  return scaled;
}

/** Scales predictions by a temperature. */
export function withTemperature(predictions: Predictions, temperature: number): Predictions {
  const { probabilities, classes } = predictions;
  return {
    ...predictions,
    probabilities: scaleByTemperature(probabilities, classes.length, temperature),
  };
}

/** Logits up to a constant per row; probabilities are clipped to the smallest normal 32-bit number. */
function logarithms(probabilities: Float32Array): Float64Array {
  return Float64Array.from(probabilities, (value) => Math.log(Math.max(value, 2 ** -126)));
}

function meanLogLoss(
  logits: Float32Array | Float64Array,
  actual: Int32Array,
  classCount: number,
  temperature: number,
): number {
  let loss = 0;
  actual.forEach((k, row) => {
    const start = row * classCount;
    let most = -Infinity;
    for (let c = 0; c < classCount; c++) most = Math.max(most, logits[start + c]);
    let sum = 0;
    for (let c = 0; c < classCount; c++) sum += Math.exp((logits[start + c] - most) / temperature);
    loss += Math.log(sum) - (logits[start + k] - most) / temperature;
  });
  return loss / actual.length;
}

/** The temperature of one trained model. */
export interface SplitTemperature {
  split: string;
  /** training seed, if there were several */
  seed?: number;
  /** 1 without validation rows, or if all of them are correct */
  temperature: number;
  /** number of validation rows it was fitted to */
  rows: number;
}

/**
 * Temperature scaling without using test data: each fold's test rows are scaled by the temperature fitted to the validation rows
 * of the same model.
 *
 * @param validation - predictions of the same models for their validation rows; models without any are left unscaled
 * @returns the scaled predictions, and the temperature of each model
 * @example
 * ```ts
 * const { predictions, temperatures } = calibrateBySplit(result.predictions!, result.validation);
 * console.log(formatCalibration(calibration(result.predictions!), calibration(predictions), temperatures));
 * ```
 */
export function calibrateBySplit(
  predictions: Predictions,
  validation: Predictions | undefined,
): { predictions: Predictions; temperatures: SplitTemperature[] } {
  const known = validation ? byModel(validation) : new Map<string, number[]>();
  const size = predictions.classes.length;
  const probabilities = new Float32Array(predictions.probabilities.length);
  const temperatures = [...byModel(predictions)].map(([model, rows]): SplitTemperature => {
    const fitted = known.get(model) ?? [];
    const isFitted = validation !== undefined && fitted.length > 0;
    const temperature = isFitted ? temperatureFor(selectRows(validation, fitted)) : 1;
    const scaled = scaleByTemperature(selectRows(predictions, rows).probabilities, size, temperature);
    rows.forEach((row, i) => {
      probabilities.set(scaled.subarray(i * size, (i + 1) * size), row * size);
    });
    const { splits, splitOf, seedOf } = predictions;
    const split = splits[splitOf[rows[0]]];
    return { split, ...(seedOf && { seed: seedOf[rows[0]] }), temperature, rows: fitted.length };
  });
  return { predictions: { ...predictions, probabilities }, temperatures };
}

/** Groups rows by the model that predicted them. */
function byModel({ clips, splits, splitOf, seedOf }: Predictions): Map<string, number[]> {
  return groupRows(clips.length, (row) => `${seedOf?.[row] ?? ''} ${splits[splitOf[row]]}`);
}
