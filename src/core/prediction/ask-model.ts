import { predictRows, rowSizeOf, type TensorFlow, type TrainingData } from '../network';
import type { Trained } from '../../node/experiment';

/**
 * What a trained model says of rows, whatever it is.
 *
 * @param rows - their indices
 * @returns probabilities, shape [rows, classes]
 */
export async function askModel(
  tf: TensorFlow,
  trained: Trained,
  data: Omit<TrainingData, 'labels'>,
  rows: Int32Array,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Float32Array> {
  if ('network' in trained) return predictRows(tf, trained.network, data, rows);
  return trained.classifier.predict(gathered(data, rows), { signal });
}

/** Rows in an array of their own; shape [rows, …inputShape]. */
export function gathered(data: Omit<TrainingData, 'labels'>, rows: Int32Array): Float32Array {
  const x = new Float32Array(rows.length * rowSizeOf(data));
  data.gather(rows, x);
  return x;
}
