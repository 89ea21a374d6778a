import { createRandom, groupBy, type Random } from '../base';
import type { TrainingConfig } from '../config';
import type { Network, TensorFlow } from './network';
import { productOf } from './network-size';

/** Rows for a network, produced batch by batch instead of as one array. */
export interface TrainingData {
  /** shape of one row: [frames, coefficients], [frames, bands, 1] or [values, 1] (the paper) */
  inputShape: readonly number[];
  /**
   * Copies scaled rows into `out`, at once or asynchronously.
   *
   * @param rows - row indices
   * @param out - shape [rows, …inputShape]
   */
  gather: (rows: ArrayLike<number>, out: Float32Array) => void | Promise<void>;
  /** class index of each row; shape [all rows] */
  labels: Int32Array;
  classes: number;
  /** what the network learns instead of the class index, each with sum 1; shape [all rows / versions, classes] */
  targets?: Float32Array;
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
  /** probability that the first version of a clip is among those of an epoch; default: drawn like the others */
  originalShare?: number | null;
}

/** Number of steps per epoch. A last batch of a single row is dropped, because batch normalisation needs at least two. */
export function stepsIn(rows: number, batchSize: number): number {
  return rows % batchSize === 1 && rows > 1 ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
}

/**
 * Rows of an epoch: all training rows, or some versions of each clip, drawn at random.
 *
 * @param rows - indices of the training rows, in ascending order
 * @returns as many rows in every epoch
 */
export function epochRows(
  { versions = 1 }: Pick<TrainingData, 'versions'>,
  rows: Int32Array,
  { versionsPerEpoch, originalShare }: Pick<BatchOptions, 'versionsPerEpoch' | 'originalShare'>,
  random: Random,
): number[] {
  if (versionsPerEpoch === null || versionsPerEpoch === undefined) return [...rows];
  const rowsOfClips = groupBy(rows, (row) => Math.floor(row / versions));
  return [...rowsOfClips.values()].flatMap((own) => {
    if (originalShare === null || originalShare === undefined)
      return random.shuffle(own).slice(0, versionsPerEpoch);
    const [first, ...others] = own;
    const isFirst = random.uniform() < originalShare;
    const drawn = random.shuffle(others);
    return (isFirst ? [first, ...drawn] : [...drawn, first]).slice(0, versionsPerEpoch);
  });
}

/**
 * The batches of an epoch: each row once (or some versions of each clip), in random order, with masks, mixup
 * and class weights applied. Depends only on seed and epoch.
 *
 * @param rows - indices of the training rows
 */
export async function* epochBatches(
  data: TrainingData,
  rows: Int32Array,
  epoch: number,
  options: BatchOptions,
): AsyncGenerator<PlainBatch> {
  const { batchSize, seed, labelSmoothing, mixup } = options;
  const random = createRandom(`batches/${seed}/${epoch}`);
  const chosenRows = epochRows(data, rows, options, random);
  const order = Int32Array.from(random.shuffle(chosenRows));
  const weightOf = options.classWeights === 'balanced' ? balancedWeights(data, rows) : undefined;
  const steps = stepsIn(order.length, batchSize);
  const batches = Array.from({ length: steps }, (_, step) =>
    order.subarray(step * batchSize, (step + 1) * batchSize),
  );
  for await (const [chosen, x] of gathered(data, batches)) {
    const count = chosen.length;
    const targets = new Float32Array(count * data.classes).fill(labelSmoothing / data.classes);
    for (let i = 0; i < count; i++) addTarget(targets, i, data, chosen[i], 1 - labelSmoothing);
    maskAtRandom(x, count, data.inputShape, options, random);
    if (mixup > 0) mixPairs(x, targets, count, mixup, random);
    const weights = weightOf && Float32Array.from(chosen, (row) => weightOf[data.labels[row]]);
    yield { rows: count, x, targets, ...(weights && { weights }) };
  }
}

/** Gathers the rows of each batch. Rows that are read asynchronously are requested while the previous batch is in use. */
async function* gathered(
  data: Pick<TrainingData, 'inputShape' | 'gather'>,
  batches: readonly Int32Array[],
): AsyncGenerator<[rows: Int32Array, values: Float32Array]> {
  const start = (rows: Int32Array): { values: Float32Array; pending: void | Promise<void> } => {
    const values = new Float32Array(rows.length * rowSizeOf(data));
    return { values, pending: data.gather(rows, values) };
  };
  let next: ReturnType<typeof start> | undefined;
  for (const [i, rows] of batches.entries()) {
    const { values, pending } = next ?? start(rows);
    next = undefined;
    if (pending) {
      await pending;
      if (i + 1 < batches.length) {
        next = start(batches[i + 1]);
        next.pending?.catch(() => undefined); // reported when it is awaited, unless the caller stops before
      }
    }
    yield [rows, values];
  }
}

/** Adds the target of a row, times `share`, to row `i` of a batch. */
function addTarget(
  batch: Float32Array,
  i: number,
  { targets, labels, classes, versions = 1 }: TrainingData,
  row: number,
  share: number,
): void {
  if (targets === undefined) {
    batch[i * classes + labels[row]] += share;
    return;
  }
  const from = Math.floor(row / versions) * classes;
  for (let k = 0; k < classes; k++) batch[i * classes + k] += share * targets[from + k];
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

/** Maximum number of rows per forward pass. */
const maxRows = 256;
/** Maximum number of values of a layer's output in a forward pass: 1.3 GB, the paper's CNN with 256 rows. */
const maxValues = 320e6;
/** Maximum time between two turns of the event loop, which handles signals and messages (ms). */
const turnMs = 50;

/** Number of rows that {@link predictRows} passes to the network at once. */
export function rowsPerPass({ model }: Network): number {
  const sizes = model.layers.map(({ outputShape }) => productOf((outputShape as number[]).slice(1)));
  return Math.max(1, Math.min(maxRows, Math.floor(maxValues / Math.max(...sizes))));
}

/**
 * Predicts rows with a network, batch by batch.
 *
 * @param rows - indices of rows in `data`
 * @returns probabilities, shape [rows, classes]
 */
export async function predictRows(
  tf: TensorFlow,
  network: Network,
  data: Omit<TrainingData, 'labels'>,
  rows: ArrayLike<number>,
): Promise<Float32Array> {
  const { inputShape, classes } = data;
  const all = Int32Array.from(rows);
  const batchSize = rowsPerPass(network);
  const result = new Float32Array(all.length * classes);
  const batches = Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) =>
    all.subarray(i * batchSize, (i + 1) * batchSize),
  );
  let lastTurn = performance.now();
  let at = 0;
  for await (const [chosen, values] of gathered(data, batches)) {
    if (performance.now() - lastTurn > turnMs) {
      await new Promise((resolve) => setTimeout(resolve)); // a turn of the event loop
      lastTurn = performance.now();
    }
    const x = tf.tensor(values, [chosen.length, ...inputShape]);
    const probabilities = network.predict(x);
    result.set(await probabilities.data<'float32'>(), at * classes);
    at += chosen.length;
    tf.dispose([x, probabilities]);
  }
  return result;
}

/**
 * Cross-entropy loss, accuracy, and unweighted average recall over the classes that occur in `labels`.
 *
 * @param probabilities - shape [rows, classes]
 * @param labels - class indices, shape [rows]
 */
export function validationScores(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): { loss: number; accuracy: number; uar: number } {
  const counts = new Float64Array(classes);
  const right = new Float64Array(classes);
  const predicted = largestOfRows(probabilities, classes);
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const label = labels[row];
    loss -= Math.log(Math.max(1e-7, own[label]));
    counts[label]++;
    if (predicted[row] === label) right[label]++;
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const recalls = right.map((value, label) => (counts[label] > 0 ? value / counts[label] : 0));
  return {
    loss: loss / labels.length,
    accuracy: sum(right) / labels.length,
    uar: sum(recalls) / counts.filter((count) => count > 0).length,
  };
}

/** Index of the largest value of each row, the first if several are equal (argmax); shape [rows]. */
export function largestOfRows(values: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: values.length / classes }, (_, row) => {
    const own = values.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}
