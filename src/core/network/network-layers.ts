import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { InvalidArgumentError } from '../base';
import type { TensorFlow } from './network';
import { networkSize, productOf } from './network-size';

/** Options of every network. */
export interface NetworkShape {
  /** number of classes; default 7 */
  classes?: number;
  /** factor applied to the network's dropout rates; 0 turns dropout off; default 1 */
  dropout?: number;
  /** seed of the initial weights; default 0 */
  seed?: number;
}

/** Fills in the defaults. @throws {@link InvalidArgumentError} if an option is out of range */
export function checkNetworkShape({
  classes = 7,
  dropout = 1,
  seed = 0,
}: NetworkShape): Required<NetworkShape> {
  if (!Number.isSafeInteger(classes) || classes < 2)
    throw new InvalidArgumentError('classes', 'an integer of at least 2', classes);
  if (!(dropout >= 0 && dropout <= 2))
    throw new InvalidArgumentError('dropout', 'a factor from 0 to 2', dropout);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('seed', 'an integer', seed);
  return { classes, dropout, seed };
}

/** @throws {@link InvalidArgumentError} if a size is not a positive integer */
export function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new InvalidArgumentError(name, 'a positive integer', size);
  }
}

/** @throws {@link InvalidArgumentError} if a dimension is too short for a number of poolings by 2 */
export function checkHalvings(name: string, length: number, halvings: number): void {
  if (length < 2 ** halvings)
    throw new InvalidArgumentError(name, `at least ${2 ** halvings}, for ${halvings} poolings`, length);
}

type Activation = 'linear' | 'relu' | 'softmax';

/** The layers of the networks. Each function applies a new layer to `x`. */
export interface SeededLayers {
  convolution: (
    x: SymbolicTensor,
    options: { filters: number; width: number; activation?: Activation; useBias?: boolean },
  ) => SymbolicTensor;
  /** on inputs of shape [frames, bands, channels] */
  convolution2d: (
    x: SymbolicTensor,
    options: { filters: number; width: number; strides?: number; useBias?: boolean },
  ) => SymbolicTensor;
  batchNormalization: (
    x: SymbolicTensor,
    options?: { momentum?: number; epsilon?: number },
  ) => SymbolicTensor;
  dense: (x: SymbolicTensor, options: { units: number; activation?: Activation }) => SymbolicTensor;
  lstm: (x: SymbolicTensor, options: { units: number; returnSequences: boolean }) => SymbolicTensor;
  dropout: (x: SymbolicTensor, rate: number) => SymbolicTensor;
}

/**
 * Layers with seeded initial weights: uniform weights, zero biases. Each layer has its own random stream, so that the same sequence
 * of calls gives the same network. Before a layer is built, the size of the network is checked against `networkLimits`.
 *
 * @param initial - limit of the uniform distribution: `glorot`, the default of Keras, √(6 / (inputs + outputs)) (Glorot & Bengio
 *   2010); `inputs`, the default of PyTorch, 1 / √inputs
 */
export function seededLayers(
  tf: TensorFlow,
  seed: number,
  initial: 'glorot' | 'inputs' = 'glorot',
): SeededLayers {
  let made = 0;
  const uniform = () => {
    const own = { seed: seed * 1009 + ++made };
    return initial === 'glorot'
      ? tf.initializers.glorotUniform(own)
      : tf.initializers.varianceScaling({ ...own, scale: 1 / 3, mode: 'fanIn', distribution: 'uniform' });
  };
  const add = networkSize();
  /** @param weights - shapes of the layer's weights */
  const apply = (
    layer: LayersModel['layers'][number],
    x: SymbolicTensor,
    weights: (channels: number) => number[][],
  ): SymbolicTensor => {
    const [, ...input] = x.shape as number[];
    const [, ...output] = layer.computeOutputShape(x.shape) as number[];
    const isRecurrent = layer.getClassName() === 'LSTM';
    add({
      weights: weights(input[input.length - 1]),
      output,
      // An LSTM processes all input frames, even if it returns only the last state.
      positions: productOf((isRecurrent ? input : output).slice(0, -1)),
      ...(isRecurrent && { steps: input[0] }),
    });
    return layer.apply(x) as SymbolicTensor;
  };
  return {
    convolution: (x, { width, ...options }) =>
      apply(
        tf.layers.conv1d({ ...options, kernelSize: width, padding: 'same', kernelInitializer: uniform() }),
        x,
        (channels) => [[width, channels, options.filters], [options.filters]],
      ),
    convolution2d: (x, { width, ...options }) =>
      apply(
        tf.layers.conv2d({ ...options, kernelSize: width, padding: 'same', kernelInitializer: uniform() }),
        x,
        (channels) => [[width, width, channels, options.filters], [options.filters]],
      ),
    batchNormalization: (x, options = {}) =>
      apply(tf.layers.batchNormalization(options), x, (channels) => [[4 * channels]]),
    dense: (x, options) =>
      apply(tf.layers.dense({ ...options, kernelInitializer: uniform() }), x, (values) => [
        [values, options.units],
        [options.units],
      ]),
    lstm: (x, options) =>
      apply(
        tf.layers.lstm({
          ...options,
          recurrentActivation: 'sigmoid',
          kernelInitializer: uniform(),
          // Keras uses an orthogonal initialiser, which takes TensorFlow.js a third of a second per layer.
          recurrentInitializer: uniform(),
        }),
        x,
        (values) => [[values, 4 * options.units], [options.units, 4 * options.units], [4 * options.units]],
      ),
    dropout: (x, rate) => (rate > 0 ? (tf.layers.dropout({ rate }).apply(x) as SymbolicTensor) : x),
  };
}
