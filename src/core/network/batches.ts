import { createRandom, groupBy, type Random } from '../base';
import type { TrainingConfig } from '../config';

/** Rows for a network, produced batch by batch instead of as one array. */
export interface TrainingData {
  /** shape of one row: [frames, coefficients], [frames, bands, 1] or [values, 1] (the paper) */
  inputShape: readonly number[];
  /**
   * Copies scaled rows into `out`.
   *
   * @param rows - row indices
   * @param out - shape [rows, …inputShape]
   */
  gather: (rows: ArrayLike<number>, out: Float32Array) => void;
  /** class index of each row; shape [all rows] */
  labels: Int32Array;
  classes: number;
  /** consecutive rows that are versions of the same clip; default 1 */
  versions?: number;
}

/** Number of values per row. */
export const rowSizeOf = ({ inputShape }: Pick<TrainingData, 'inputShape'>): number =>
  inputShape.reduce((product, length) => product * length, 1);

/** A batch as arrays. */
export interface PlainBatch {
  rows: number;
  /** shape [rows, …inputShape] */
  x: Float32Array;
  /** shape [rows, classes] */
  targets: Float32Array;
  /** weights of the rows; absent if all are 1; shape [rows] */
  weights?: Float32Array;
}

export interface BatchOptions extends Pick<
  TrainingConfig,
  'batchSize' | 'labelSmoothing' | 'classWeights' | 'mixup' | 'timeMask' | 'frequencyMask'
> {
  seed: number;
  /** versions of each clip per epoch; default all */
  versionsPerEpoch?: number | null;
}

/** Number of steps per epoch. A last batch of a single row is dropped, because batch normalisation needs at least two. */
export function stepsIn(rows: number, batchSize: number): number {
  return rows % batchSize === 1 && rows > 1 ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
}

/**
 * Rows of an epoch: all training rows, or some versions of each clip, drawn at random.
 *
 * @param rows - indices of the training rows
 * @returns as many rows in every epoch
 */
export function epochRows(
  { versions = 1 }: Pick<TrainingData, 'versions'>,
  rows: Int32Array,
  versionsPerEpoch: number | null | undefined,
  random: Random,
): number[] {
  if (versionsPerEpoch === null || versionsPerEpoch === undefined) return [...rows];
  const rowsOfClips = groupBy(rows, (row) => Math.floor(row / versions));
  return [...rowsOfClips.values()].flatMap((own) => random.shuffle(own).slice(0, versionsPerEpoch));
}

/**
 * The batches of an epoch: each row once (or some versions of each clip), in random order, with masks, mixup
 * and class weights applied. Depends only on seed and epoch.
 *
 * @param rows - indices of the training rows
 */
export function* epochBatches(
  data: TrainingData,
  rows: Int32Array,
  epoch: number,
  options: BatchOptions,
): Generator<PlainBatch> {
  const { batchSize, seed, labelSmoothing, mixup } = options;
  const random = createRandom(`batches/${seed}/${epoch}`);
  const chosenRows = epochRows(data, rows, options.versionsPerEpoch, random);
  const order = Int32Array.from(random.shuffle(chosenRows));
  const weightOf = options.classWeights === 'balanced' ? balancedWeights(data, rows) : undefined;
  const rowSize = rowSizeOf(data);
  for (let step = 0; step < stepsIn(order.length, batchSize); step++) {
    const chosen = order.subarray(step * batchSize, (step + 1) * batchSize);
    const count = chosen.length;
    const x = new Float32Array(count * rowSize);
    data.gather(chosen, x);
    const targets = new Float32Array(count * data.classes).fill(labelSmoothing / data.classes);
    for (let i = 0; i < count; i++) targets[i * data.classes + data.labels[chosen[i]]] += 1 - labelSmoothing;
    maskAtRandom(x, count, data.inputShape, options, random);
    if (mixup > 0) mixPairs(x, targets, count, mixup, random);
    const weights = weightOf && Float32Array.from(chosen, (row) => weightOf[data.labels[row]]);
    yield { rows: count, x, targets, ...(weights && { weights }) };
  }
}

/** Class weights: rows / (classes that occur · rows of the class), like `balanced` in scikit-learn. */
function balancedWeights({ labels, classes }: TrainingData, rows: Int32Array): Float32Array {
  const counts = new Float32Array(classes);
  for (const row of rows) counts[labels[row]]++;
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? rows.length / (occurring * count) : 0));
}

/**
 * Sets a random range of frames and a random range of coefficients of each row to 0, the mean of scaled features. The width of each
 * range is uniform from 0 to the mask's maximum.
 *
 * @see Park et al. 2019, SpecAugment, arXiv 1904.08779
 */
function maskAtRandom(
  x: Float32Array,
  rows: number,
  [frames, bands = 1]: readonly number[],
  { timeMask, frequencyMask }: Pick<BatchOptions, 'timeMask' | 'frequencyMask'>,
  random: Random,
): void {
  const range = (longest: number, length: number): [number, number] => {
    const width = random.integer(Math.min(longest, length) + 1);
    const start = random.integer(length - width + 1);
    return [start, start + width];
  };
  for (let row = 0; row < rows; row++) {
    const own = x.subarray((row * x.length) / rows, ((row + 1) * x.length) / rows);
    if (timeMask > 0) {
      const [from, to] = range(timeMask, frames);
      own.fill(0, from * bands, to * bands);
    }
    if (frequencyMask > 0) {
      const [from, to] = range(frequencyMask, bands);
      for (let frame = 0; frame < frames; frame++) own.fill(0, frame * bands + from, frame * bands + to);
    }
  }
}

/**
 * Mixes inputs and targets of each row with those of another row of the batch, with a share from Beta(α, α).
 *
 * @see Zhang et al. 2018, mixup, arXiv 1710.09412
 */
function mixPairs(x: Float32Array, targets: Float32Array, rows: number, alpha: number, random: Random): void {
  const partners = random.shuffle(Array.from({ length: rows }, (_, i) => i));
  const shares = Array.from({ length: rows }, () => {
    const [a, b] = [gamma(alpha, random), gamma(alpha, random)];
    return a + b > 0 ? Math.max(a, b) / (a + b) : 1; // the row keeps the larger share
  });
  for (const values of [x, targets]) {
    const size = values.length / rows;
    const before = values.slice();
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < size; k++) {
        const own = before[row * size + k];
        const other = before[partners[row] * size + k];
        values[row * size + k] = other + shares[row] * (own - other);
      }
    }
  }
}

/** Draws from the gamma distribution (Marsaglia & Tsang 2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
