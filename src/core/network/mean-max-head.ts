import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';

/** Mean and maximum over all places, side by side; shape [rows, …places, channels] → [rows, 2 · channels]. */
export function meanMaxHead(tf: TensorFlow, x: SymbolicTensor): SymbolicTensor {
  const { layers } = tf;
  const isPicture = x.shape.length === 4;
  const mean = isPicture ? layers.globalAveragePooling2d({}) : layers.globalAveragePooling1d({});
  const max = isPicture ? layers.globalMaxPooling2d({}) : layers.globalMaxPooling1d({});
  const both = [mean, max].map((layer) => layer.apply(x) as SymbolicTensor);
  return layers.concatenate().apply(both) as SymbolicTensor;
}
