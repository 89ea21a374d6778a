import type { TensorFlow } from './engine';
import type { Network } from './network';
import { rowSizeOf, type TrainingData } from './training-data';

/** Rows that go through the network at once. */
const batchSize = 256;

/**
 * What a network says of rows.
 *
 * @param rows - their indices
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
  const said = new Float32Array(all.length * classes);
  for (let start = 0; start < all.length; start += batchSize) {
    const chosen = all.subarray(start, start + batchSize);
    const values = new Float32Array(chosen.length * rowSizeOf(data));
    data.gather(chosen, values);
    const x = tf.tensor(values, [chosen.length, ...inputShape]);
    const probabilities = network.predict(x);
    said.set(await probabilities.data<'float32'>(), start * classes);
    tf.dispose([x, probabilities]);
  }
  return said;
}
