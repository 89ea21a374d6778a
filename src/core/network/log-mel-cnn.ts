import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';
import { meanMaxHead } from './mean-max-head';
import { checkHalvings, checkNetworkShape, checkSizes, type NetworkShape } from './network-options';
import { seededLayers } from './seeded-layers';

export interface LogMelCnnOptions extends NetworkShape {
  /** default 108 */
  frames?: number;
  /** mel bands; default 64 */
  bands?: number;
  /** channels of the first block; the others have two and four times as many; default 32 */
  width?: number;
}

/**
 * A 2-D network on log-mel spectrograms, which the paper's text speaks of and its notebook only plots.
 *
 * | layers, with width 32 | output | parameters |
 * | --- | --- | --- |
 * | Conv2D 32, 3 × 3 · BN · relu · max-pool 2 · dropout .1 | 54 × 32 × 32 | 416 |
 * | Conv2D 64, 3 × 3 · BN · relu · max-pool 2 · dropout .2 | 27 × 16 × 64 | 18,688 |
 * | Conv2D 128, 3 × 3 · BN · relu · max-pool 2 · dropout .2 | 13 × 8 × 128 | 74,240 |
 * | Conv2D 128, 3 × 3 · BN · relu · max-pool 2 · dropout .3 | 6 × 4 × 128 | 147,968 |
 * | mean and maximum over all places · dense 7 softmax | 7 | 1,799 |
 *
 * 243,111 parameters.
 *
 * @returns a model of input [rows, frames, bands, 1] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option breaks its rule
 */
export function logMelCnn(
  tf: TensorFlow,
  { frames = 108, bands = 64, width = 32, ...shape }: LogMelCnnOptions = {},
): LayersModel {
  const { classes, dropout, seed } = checkNetworkShape(shape);
  checkSizes({ frames, bands, width });
  checkHalvings('frames', frames, 4);
  checkHalvings('bands', bands, 4);
  const layers = seededLayers(tf, seed);
  const block = (x: SymbolicTensor, filters: number, rate: number): SymbolicTensor => {
    const convolved = layers.convolution2d(x, { filters, width: 3, useBias: false });
    const normalised = layers.batchNormalization(convolved, { momentum: 0.9, epsilon: 1e-5 });
    const active = tf.layers.reLU().apply(normalised);
    const pooled = tf.layers.maxPooling2d({ poolSize: 2 }).apply(active) as SymbolicTensor;
    return layers.dropout(pooled, rate * dropout);
  };
  const input = tf.input({ shape: [frames, bands, 1] });
  let x = block(input, width, 0.1);
  x = block(x, 2 * width, 0.2);
  x = block(x, 4 * width, 0.2);
  x = block(x, 4 * width, 0.3);
  const output = layers.dense(meanMaxHead(tf, x), { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: 'log-mel-cnn' });
}
