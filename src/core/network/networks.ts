import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import type { HeadName } from '../config';
import type { TensorFlow } from './network';
import { poolStatistics } from './statistics-pooling';
import {
  checkHalvings,
  checkNetworkShape,
  checkSizes,
  type NetworkShape,
  type SeededLayers,
  seededLayers,
} from './network-layers';

/** Options of {@link compactCnn}. */
export interface CompactCnnOptions extends NetworkShape {
  /** default 108 */
  frames?: number;
  /** values per frame; default 22 */
  coefficients?: number;
  /** channels of the first two blocks; the third has twice this number; default 128 */
  width?: number;
  /**
   * `pool`: mean and maximum over time, which discards positions in the clip; `statistics`: mean, deviation and maximum over the frames
   * of the speech, without padding; `flatten`: all frames and a dense layer of 512, as in the paper; default `pool`
   */
  head?: HeadName;
}

/**
 * A small 1-D CNN that reads the paper's features as a sequence of 108 frames with 22 values each.
 *
 * | layers, with width 128 | output | parameters |
 * | --- | --- | --- |
 * | Conv1D 128, 5 · BN · relu · max-pool 2 · dropout .2 | 54 × 128 | 14,592 |
 * | Conv1D 128, 5 · BN · relu · max-pool 2 · dropout .2 | 27 × 128 | 82,432 |
 * | Conv1D 256, 3 · BN · relu · max-pool 2 · dropout .3 | 13 × 256 | 99,328 |
 * | `pool`: mean and maximum over time, dense 7 softmax | 7 | 3,591 |
 * | `statistics`: mean, deviation and maximum over the speech · BN · dropout .3 · dense 7 softmax | 7 | 8,455 |
 * | `flatten`: dense 512 relu · dropout .3 · dense 7 softmax | 7 | 1,708,039 |
 *
 * 199,943 parameters with `pool`, and 1/240 of the multiplications of the paper's network. The convolutions have no bias because
 * batch normalisation follows. Weights are initialised as in PyTorch.
 *
 * @returns a model with input [rows, frames, coefficients] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option is out of range, or there are too few frames for three poolings
 * @example
 * ```ts
 * const { tf } = await loadEngine();
 * compactCnn(tf, { frames: 108, coefficients: 22, classes: 7, seed: 1 }).summary();
 * ```
 */
export function compactCnn(
  tf: TensorFlow,
  { frames = 108, coefficients = 22, width = 128, head = 'pool', ...shape }: CompactCnnOptions = {},
): LayersModel {
  const { classes, dropout, seed } = checkNetworkShape(shape);
  checkSizes({ frames, coefficients, width });
  checkHalvings('frames', frames, 3);
  const layers = seededLayers(tf, seed, 'inputs');
  const isStatistics = head === 'statistics';
  const padding = isStatistics ? 'same' : 'valid';
  const block = (x: SymbolicTensor, filters: number, taps: number, rate: number): SymbolicTensor => {
    const convolved = layers.convolution(x, { filters, width: taps, useBias: false });
    const active = tf.layers.reLU().apply(normalised(layers, convolved));
    const pooled = tf.layers.maxPooling1d({ poolSize: 2, padding }).apply(active) as SymbolicTensor;
    return layers.dropout(pooled, rate * dropout);
  };
  const input = tf.input({ shape: [frames, coefficients] });
  let x = block(input, width, 5, 0.2);
  x = block(x, width, 5, 0.2);
  // Dropout before a deviation or maximum would make them larger in training than in prediction.
  x = block(x, 2 * width, 3, isStatistics ? 0 : 0.3);
  if (isStatistics) {
    x = statisticsHead(layers, poolStatistics(tf, x, input, 8), dropout);
  } else if (head === 'pool') {
    x = meanMaxHead(tf, x);
  } else {
    x = tf.layers.flatten().apply(x) as SymbolicTensor;
    x = layers.dense(x, { units: 512, activation: 'relu' });
    x = layers.dropout(x, 0.3 * dropout);
  }
  const output = layers.dense(x, { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: `compact-cnn-${head}` });
}

/** Options of {@link logMelCnn}. */
export interface LogMelCnnOptions extends NetworkShape {
  /** default 108 */
  frames?: number;
  /** mel bands; default 64 */
  bands?: number;
  /** channels of the first block; the others have two and four times this number; default 32 */
  width?: number;
  /**
   * `pool`: mean and maximum over all positions; `statistics`: mean, deviation and maximum over the frames of the speech, of each channel
   * in each band; default `pool`. `flatten` is `pool`
   */
  head?: HeadName;
}

/**
 * A 2-D CNN on log-mel spectrograms, which the paper describes and its notebook only plots.
 *
 * | layers, with width 32 | output | parameters |
 * | --- | --- | --- |
 * | Conv2D 32, 3 × 3 · BN · relu · max-pool 2 · dropout .1 | 54 × 32 × 32 | 416 |
 * | Conv2D 64, 3 × 3 · BN · relu · max-pool 2 · dropout .2 | 27 × 16 × 64 | 18,688 |
 * | Conv2D 128, 3 × 3 · BN · relu · max-pool 2 · dropout .2 | 13 × 8 × 128 | 74,240 |
 * | Conv2D 128, 3 × 3 · BN · relu · max-pool 2 · dropout .3 | 6 × 4 × 128 | 147,968 |
 * | mean and maximum over all positions · dense 7 softmax | 7 | 1,799 |
 *
 * 243,111 parameters in total.
 *
 * With the head `statistics`, the first layer has filters of 5 × 5 and stride 2 instead of max-pooling, and the last layers are:
 *
 * | layers, with width 32 | output | parameters |
 * | --- | --- | --- |
 * | Conv2D 128, 3 × 3 · BN · relu · max-pool 2 | 7 × 4 × 128 | 147,968 |
 * | mean, deviation and maximum over the speech · BN · dropout .3 · dense 7 softmax | 7 | 16,903 |
 *
 * @returns a model with input [rows, frames, bands, 1] and output [rows, classes]
 * @throws {@link InvalidArgumentError} if an option is out of range
 */
export function logMelCnn(
  tf: TensorFlow,
  { frames = 108, bands = 64, width = 32, head = 'pool', ...shape }: LogMelCnnOptions = {},
): LayersModel {
  const { classes, dropout, seed } = checkNetworkShape(shape);
  checkSizes({ frames, bands, width });
  checkHalvings('frames', frames, 4);
  checkHalvings('bands', bands, 4);
  const isStatistics = head === 'statistics';
  const layers = seededLayers(tf, seed, isStatistics ? 'inputs' : 'glorot');
  const active = (x: SymbolicTensor): SymbolicTensor =>
    tf.layers.reLU().apply(normalised(layers, x)) as SymbolicTensor;
  const padding = isStatistics ? 'same' : 'valid';
  const block = (x: SymbolicTensor, filters: number, rate: number): SymbolicTensor => {
    const convolved = active(layers.convolution2d(x, { filters, width: 3, useBias: false }));
    const pooled = tf.layers.maxPooling2d({ poolSize: 2, padding }).apply(convolved) as SymbolicTensor;
    return layers.dropout(pooled, rate * dropout);
  };
  const input = tf.input({ shape: [frames, bands, 1] });
  let x: SymbolicTensor;
  if (isStatistics) {
    const convolved = layers.convolution2d(input, { filters: width, width: 5, strides: 2, useBias: false });
    x = layers.dropout(active(convolved), 0.1 * dropout);
  } else x = block(input, width, 0.1);
  x = block(x, 2 * width, 0.2);
  x = block(x, 4 * width, 0.2);
  x = block(x, 4 * width, isStatistics ? 0 : 0.3);
  x = isStatistics ? statisticsHead(layers, poolStatistics(tf, x, input, 16), dropout) : meanMaxHead(tf, x);
  const output = layers.dense(x, { units: classes, activation: 'softmax' });
  return tf.model({ inputs: input, outputs: output, name: 'log-mel-cnn' });
}

/** Batch normalisation with the constants of PyTorch. */
const normalised = (layers: SeededLayers, x: SymbolicTensor): SymbolicTensor =>
  layers.batchNormalization(x, { momentum: 0.9, epsilon: 1e-5 });

/** What follows the statistics over the speech. */
const statisticsHead = (layers: SeededLayers, x: SymbolicTensor, dropout: number): SymbolicTensor =>
  layers.dropout(normalised(layers, x), 0.3 * dropout);

/** Mean and maximum over all positions, concatenated; shape [rows, …positions, channels] → [rows, 2 · channels]. */
function meanMaxHead(tf: TensorFlow, x: SymbolicTensor): SymbolicTensor {
  const { layers } = tf;
  const isPicture = x.shape.length === 4;
  const mean = isPicture ? layers.globalAveragePooling2d({}) : layers.globalAveragePooling1d({});
  const max = isPicture ? layers.globalMaxPooling2d({}) : layers.globalMaxPooling1d({});
  const both = [mean, max].map((layer) => layer.apply(x) as SymbolicTensor);
  return layers.concatenate().apply(both) as SymbolicTensor;
}

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
