import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';
import { checkNetworkShape, checkSizes, type NetworkShape, seededLayers } from './network-layers';

/**
 * The paper's CNN as in its committed notebook: a row's 2,376 values are read as a sequence with one channel.
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
 * 7,193,223 parameters in total.
 *
 * @param options - `values` per row, default 2376; classes, dropout and seed as for every network
 * @returns a model with input [rows, values, 1] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option is out of range
 * @see Speech Emotion Recognition using Deep Learning, ICRITO 2024
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

/** Options of {@link lstmStack} and {@link cnnLstm}. */
export interface RecurrentOptions extends NetworkShape {
  /** default 108 */
  frames?: number;
  /** values per frame; default 22 */
  coefficients?: number;
}

/**
 * The paper's stack of seven LSTM layers of 128 units, which its notebook sketches but does not train. The notebook feeds it 2,376
 * steps of one value; the default here is 108 frames of 22, because a state cannot carry information over 2,376 steps.
 *
 * | layers | output | parameters |
 * | --- | --- | --- |
 * | LSTM 128 | 108 × 128 | 77,312 |
 * | LSTM 128, five times | 108 × 128 | 657,920 |
 * | LSTM 128, last state | 128 | 131,584 |
 * | Dense 7 softmax | 7 | 903 |
 *
 * 867,719 parameters in total.
 *
 * @returns a model with input [rows, frames, coefficients] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option is out of range
 */
export function lstmStack(tf: TensorFlow, options: RecurrentOptions = {}): LayersModel {
  const { layers, input, classes } = begin(tf, options);
  let x = input;
  for (let i = 1; i <= 7; i++) x = layers.lstm(x, { units: 128, returnSequences: i < 7 });
  const output = layers.dense(x, { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: 'lstm-stack' });
}

/**
 * The paper's CNN-LSTM, which its notebook sketches but does not train. Reads frames, like {@link lstmStack}.
 *
 * | layers | output | parameters |
 * | --- | --- | --- |
 * | Conv1D 1024, 5 relu · BN · max-pool 2 · dropout .3 | 54 × 1024 | 117,760 |
 * | Conv1D 512, 5 relu · BN · max-pool 2 · dropout .3 | 27 × 512 | 2,624,000 |
 * | Conv1D 256, 5 relu · BN · max-pool 2 · dropout .3 | 13 × 256 | 656,640 |
 * | LSTM 128, three times | 128 | 460,288 |
 * | Dense 128 · 64 · 32 relu | 32 | 26,848 |
 * | Dense 7 softmax | 7 | 231 |
 *
 * 3,885,767 parameters in total.
 *
 * @returns a model with input [rows, frames, coefficients] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option is out of range
 */
export function cnnLstm(tf: TensorFlow, options: RecurrentOptions = {}): LayersModel {
  const { layers, input, classes, dropout } = begin(tf, options);
  let x = input;
  for (const filters of [1024, 512, 256]) {
    x = layers.batchNormalization(layers.convolution(x, { filters, width: 5, activation: 'relu' }));
    x = tf.layers.maxPooling1d({ poolSize: 2 }).apply(x) as SymbolicTensor;
    x = layers.dropout(x, 0.3 * dropout);
  }
  for (let i = 1; i <= 3; i++) x = layers.lstm(x, { units: 128, returnSequences: i < 3 });
  for (const units of [128, 64, 32]) x = layers.dense(x, { units, activation: 'relu' });
  const output = layers.dense(x, { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: 'cnn-lstm' });
}

function begin(tf: TensorFlow, { frames = 108, coefficients = 22, ...shape }: RecurrentOptions) {
  const { classes, dropout, seed } = checkNetworkShape(shape);
  checkSizes({ frames, coefficients });
  const input = tf.input({ shape: [frames, coefficients] });
  return { layers: seededLayers(tf, seed), input, classes, dropout };
}
