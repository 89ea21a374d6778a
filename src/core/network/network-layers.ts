import type { SymbolicTensor } from '@tensorflow/tfjs';
import { InvalidArgumentError } from '../base';
import type { TensorFlow } from './engine';

/** What all networks are built for. */
export interface NetworkShape {
  /** classes to tell apart; default 7 */
  classes?: number;
  /** a factor on the network's own dropout rates: 0 is none; default 1 */
  dropout?: number;
  /** of the initial weights; default 0 */
  seed?: number;
}

/** @throws {@link InvalidArgumentError} if one of the options breaks its rule */
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

/** @throws {@link InvalidArgumentError} if a size of the network is not a positive integer */
export function checkSizes(sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new InvalidArgumentError(name, 'a positive integer', size);
  }
}

/** @throws {@link InvalidArgumentError} if something is too short to be halved so often */
export function checkHalvings(name: string, length: number, halvings: number): void {
  if (length < 2 ** halvings)
    throw new InvalidArgumentError(name, `at least ${2 ** halvings}, for ${halvings} poolings`, length);
}

type Activation = 'linear' | 'relu' | 'softmax';

/** The layers that the networks are built of, each applied to what comes before it. */
export interface SeededLayers {
  convolution: (
    x: SymbolicTensor,
    options: { filters: number; width: number; activation?: Activation; useBias?: boolean },
  ) => SymbolicTensor;
  /** over [frames, bands] pictures */
  convolution2d: (
    x: SymbolicTensor,
    options: { filters: number; width: number; useBias?: boolean },
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
 * Layers whose initial weights follow from one seed: uniform weights, zero biases. Each layer that is made draws from a stream
 * of its own, so that the same sequence of calls gives the same network.
 *
 * @param initial - `glorot`, as Keras has it, up to √(6 / (inputs + outputs)) (Glorot & Bengio 2010); or `inputs`, as PyTorch
 *   has it, up to 1 / √inputs
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
  const apply = (layer: { apply: (x: SymbolicTensor) => unknown }, x: SymbolicTensor): SymbolicTensor =>
    layer.apply(x) as SymbolicTensor;
  return {
    convolution: (x, { width, ...options }) =>
      apply(
        tf.layers.conv1d({ ...options, kernelSize: width, padding: 'same', kernelInitializer: uniform() }),
        x,
      ),
    convolution2d: (x, { width, ...options }) =>
      apply(
        tf.layers.conv2d({ ...options, kernelSize: width, padding: 'same', kernelInitializer: uniform() }),
        x,
      ),
    batchNormalization: (x, options = {}) => apply(tf.layers.batchNormalization(options), x),
    dense: (x, options) => apply(tf.layers.dense({ ...options, kernelInitializer: uniform() }), x),
    lstm: (x, options) =>
      apply(
        tf.layers.lstm({
          ...options,
          recurrentActivation: 'sigmoid',
          kernelInitializer: uniform(),
          // Keras' is orthogonal, which TensorFlow.js takes a third of a second a layer to draw.
          recurrentInitializer: uniform(),
        }),
        x,
      ),
    // Without one there is nothing to switch between training and prediction.
    dropout: (x, rate) => (rate > 0 ? apply(tf.layers.dropout({ rate }), x) : x),
  };
}
