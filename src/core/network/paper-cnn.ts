import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';
import { checkNetworkShape, checkSizes, type NetworkShape } from './network-options';
import { seededLayers } from './seeded-layers';

/**
 * The paper's network, as its notebook runs it: a row's 2,376 numbers read as one channel.
 *
 * | layers | output | parameters |
 * | --- | --- | --- |
 * | Conv1D 512, 5 · relu · BN · max-pool 5/2 | 1188 × 512 | 5,120 |
 * | Conv1D 512, 5 · relu · BN · max-pool 5/2 · dropout .2 | 594 × 512 | 1,313,280 |
 * | Conv1D 256, 5 · relu · BN · max-pool 5/2 | 297 × 256 | 656,640 |
 * | Conv1D 256, 3 · relu · BN · max-pool 5/2 · dropout .2 | 149 × 256 | 197,888 |
 * | Conv1D 128, 3 · relu · BN · max-pool 3/2 · dropout .2 | 75 × 128 | 98,944 |
 * | Flatten · Dense 512 relu · BN | 512 | 4,917,760 |
 * | Dense 7 softmax | 7 | 3,591 |
 *
 * 7,193,223 parameters in all.
 *
 * @param options - `values`, numbers in a row, default 2376, as the paper has; classes, dropout and seed of any network
 * @returns a model of input [rows, values, 1] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option breaks its rule
 * @see Speech Emotion Recognition using Deep Learning, ICRITO 2024: its committed notebook
 */
export function paperCnn(
  tf: TensorFlow,
  { values = 2376, ...shape }: NetworkShape & { values?: number } = {},
): LayersModel {
  const { classes, dropout, seed } = checkNetworkShape(shape);
  checkSizes({ values });
  const layers = seededLayers(tf, seed);
  const block = (x: SymbolicTensor, filters: number, width: number, pool: number): SymbolicTensor => {
    const normal = layers.batchNormalization(layers.convolution(x, { filters, width, activation: 'relu' }));
    const pooling = tf.layers.maxPooling1d({ poolSize: pool, strides: 2, padding: 'same' });
    return pooling.apply(normal) as SymbolicTensor;
  };
  const input = tf.input({ shape: [values, 1] });
  let x = block(input, 512, 5, 5);
  x = layers.dropout(block(x, 512, 5, 5), 0.2 * dropout);
  x = block(x, 256, 5, 5);
  x = layers.dropout(block(x, 256, 3, 5), 0.2 * dropout);
  x = layers.dropout(block(x, 128, 3, 3), 0.2 * dropout);
  x = tf.layers.flatten().apply(x) as SymbolicTensor;
  x = layers.batchNormalization(layers.dense(x, { units: 512, activation: 'relu' }));
  const output = layers.dense(x, { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: 'paper-cnn' });
}
