import { rowSizeOf, type TrainingData } from './batches';
import type { TensorFlow } from './engine';
import type { Network } from './network';
import { productOf } from './network-size';

/** Maximum number of rows per forward pass. */
const maxRows = 256;
/** Maximum number of values of a layer's output in a forward pass: 1.3 GB, the paper's CNN with 256 rows. */
const maxValues = 320e6;
/** Maximum time between two turns of the event loop, which handles signals and messages (ms). */
const turnMs = 50;

function rowsPerPass({ model }: Network): number {
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
  let lastTurn = performance.now();
  for (let start = 0; start < all.length; start += batchSize) {
    if (performance.now() - lastTurn > turnMs) {
      await new Promise((resolve) => setTimeout(resolve)); // a turn of the event loop
      lastTurn = performance.now();
    }
    const chosen = all.subarray(start, start + batchSize);
    const values = new Float32Array(chosen.length * rowSizeOf(data));
    data.gather(chosen, values);
    const x = tf.tensor(values, [chosen.length, ...inputShape]);
    const probabilities = network.predict(x);
    result.set(await probabilities.data<'float32'>(), start * classes);
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
