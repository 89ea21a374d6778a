import { InvalidArgumentError } from '../base';
import { groupRows, predictedClasses, type Predictions, selectRows } from './predictions';

/** What makes a model's probabilities as sure as they ought to be, and what it gains on the rows it was fitted on. */
export interface Temperature {
  /** above 1: the model was too sure */
  temperature: number;
  /** mean log loss of the rows before and after */
  logLossBefore: number;
  logLossAfter: number;
}

export interface TemperatureOptions {
  /** what the values are: probabilities (default), or the logits before softmax, which tell more where it saturates */
  from?: 'probabilities' | 'logits';
}

/** the temperatures tried, and how exactly, as logarithms */
const lowest = Math.log(0.02);
const highest = Math.log(50);
const precision = 1e-7;

/**
 * Fits the temperature that divides the logits so that the log loss is least. Fit it on validation rows, never on those
 * that are scored: it would then be part of the test.
 *
 * @param values - probabilities or logits of validation rows; shape [rows, classes]
 * @param actual - class of each row; shape [rows]
 * @returns a temperature from 0.02 to 50; one of these ends where the least lies beyond, as when every row is right
 * @throws {@link InvalidArgumentError} if there are no rows, or not as many values for each
 * @see Guo et al. (2017), On calibration of modern neural networks
 */
export function fitTemperature(
  values: Float32Array,
  actual: Int32Array,
  { from = 'probabilities' }: TemperatureOptions = {},
): Temperature {
  const classes = values.length / actual.length;
  if (actual.length === 0) throw new InvalidArgumentError('actual', 'a list with at least one row', []);
  if (!Number.isInteger(classes)) {
    throw new InvalidArgumentError('values', `a multiple of the ${actual.length} rows`, values.length);
  }
  const logits = from === 'logits' ? values : logarithms(values);
  const lossAt = (logTemperature: number): number =>
    meanLogLoss(logits, actual, classes, Math.exp(logTemperature));

  // The loss has one minimum over the temperature, since it is convex in its inverse: golden-section search.
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

/**
 * The temperature for a model by what it said of its validation rows: 1, which changes nothing, where all of them are right, so
 * that none fits best.
 */
export function temperatureFor(
  validation: Pick<Predictions, 'probabilities' | 'classes' | 'actual'>,
): number {
  const isRight = predictedClasses(validation).every((said, row) => said === validation.actual[row]);
  return isRight ? 1 : fitTemperature(validation.probabilities, validation.actual).temperature;
}

/**
 * Probabilities after division of the logits by a temperature: the answers stay the same, only how sure they are changes.
 *
 * @param values - probabilities or logits; shape [rows, classes]
 * @returns shape [rows, classes]
 * @throws {@link InvalidArgumentError} if the temperature is not positive
 */
export function scaleByTemperature(
  values: Float32Array,
  classes: number,
  temperature: number,
  { from = 'probabilities' }: TemperatureOptions = {},
): Float32Array {
  if (!(temperature > 0)) throw new InvalidArgumentError('temperature', 'a positive number', temperature);
  const logits = from === 'logits' ? values : logarithms(values);
  const scaled = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += classes) {
    const own = logits.subarray(start, start + classes);
    const most = Math.max(...own);
    let sum = 0;
    for (const logit of own) sum += Math.exp((logit - most) / temperature);
    own.forEach((logit, k) => (scaled[start + k] = Math.exp((logit - most) / temperature) / sum));
  }
  return scaled;
}

/** Predictions at another temperature. */
export function withTemperature(predictions: Predictions, temperature: number): Predictions {
  const { probabilities, classes } = predictions;
  return {
    ...predictions,
    probabilities: scaleByTemperature(probabilities, classes.length, temperature),
  };
}

/** The logits up to a constant in each row; probabilities of 0 count as the least that 32 bits hold in full precision. */
function logarithms(probabilities: Float32Array): Float64Array {
  return Float64Array.from(probabilities, (value) => Math.log(Math.max(value, 2 ** -126)));
}

function meanLogLoss(
  logits: Float32Array | Float64Array,
  actual: Int32Array,
  classes: number,
  temperature: number,
): number {
  let loss = 0;
  actual.forEach((is, row) => {
    const start = row * classes;
    let most = -Infinity;
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[start + k]);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp((logits[start + k] - most) / temperature);
    loss += Math.log(sum) - (logits[start + is] - most) / temperature;
  });
  return loss / actual.length;
}

/** The temperature of one trained model. */
export interface SplitTemperature {
  split: string;
  /** where there were several */
  seed?: number;
  /** 1 where there were no validation rows, or all of them are right */
  temperature: number;
  /** validation rows that it was fitted on */
  rows: number;
}

/**
 * Temperature scaling as it can be had without a look at the test: each fold's model gets the temperature that fits its own
 * validation rows best, and its test rows are scaled by it.
 *
 * @param validation - what the same models said of their validation rows; a model without any is left as it is
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

/** Rows by the model that answered them. */
function byModel({ clips, splits, splitOf, seedOf }: Predictions): Map<string, number[]> {
  return groupRows(clips.length, (row) => `${seedOf?.[row] ?? ''} ${splits[splitOf[row]]}`);
}
