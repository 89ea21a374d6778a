import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { bool, float, type Kernels, text, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

/** A weight that a layer learns by looking, not by gradient. */
interface Statistic {
  read: () => Tensor;
  write: (value: Tensor) => unknown;
}

export interface BatchNormalizationOptions {
  gamma: () => Tensor;
  beta: () => Tensor;
  movingMean: Statistic;
  movingVariance: Statistic;
  momentum: number;
  epsilon: number;
}

/**
 * Batch normalisation over all axes but the last, on TensorFlow's `FusedBatchNormV3` and its gradient, which
 * TensorFlow.js composes of dozens of element-wise operations.
 *
 * @see Ioffe & Szegedy 2015, arXiv 1502.03167
 */
export function fusedBatchNormalization(
  kernels: Kernels,
  { gamma, beta, movingMean, movingVariance, momentum, epsilon }: BatchNormalizationOptions,
): FusedLayer {
  const { tf } = kernels;
  const attributes = {
    T: type('FLOAT'),
    U: type('FLOAT'),
    data_format: text('NHWC'),
    epsilon: float(epsilon),
  };
  const [forward, inference] = [true, false].map((training) =>
    kernels.prepare('FusedBatchNormV3', { ...attributes, is_training: bool(training) }, 6),
  );
  const gradient = kernels.prepare('FusedBatchNormGradV3', { ...attributes, is_training: bool(true) }, 5);

  const multiply = kernels.prepare('Mul', { T: type('FLOAT') });
  const sum = kernels.prepare('AddV2', { T: type('FLOAT') });

  /** old · momentum + value · share, without the detours of TensorFlow.js's own operations: they would cost as much again */
  const learn = (statistic: Statistic, value: Tensor, share: number): void => {
    tf.tidy(() => {
      const [kept] = multiply(statistic.read(), tf.scalar(momentum));
      const [added] = multiply(value, tf.scalar(share));
      statistic.write(sum(kept, added)[0]);
    });
  };

  return ([x], { training }) => {
    // The kernel knows pictures only; a dense layer's rows are pictures of one point.
    const picture = x.rank === 2 ? x.reshape([x.shape[0], 1, 1, x.shape[1] ?? 1]) : x.clone();
    const { rank, shape } = x;
    const back = (y: Tensor): Tensor => {
      if (rank !== 2) return y;
      const flat = y.reshape(shape);
      y.dispose();
      return flat;
    };
    if (!training) {
      const [y, ...rest] = inference(picture, gamma(), beta(), movingMean.read(), movingVariance.read());
      tf.dispose([...rest, picture]);
      return { output: back(y) };
    }
    const scale = gamma();
    const none = tf.tensor1d([]);
    const [y, mean, variance, ...reserved] = forward(picture, scale, beta(), none, none);
    const count = picture.size / scale.size;
    learn(movingMean, mean, 1 - momentum);
    // The kernel's is the unbiased estimate; TensorFlow.js's layer keeps the biased one.
    learn(movingVariance, variance, ((1 - momentum) * Math.max(1, count - 1)) / count);
    tf.dispose([mean, variance, none]);
    return {
      output: back(y),
      backward: (dOutput) => {
        const dy = rank === 2 ? dOutput.reshape(picture.shape) : dOutput;
        const [dx, dGamma, dBeta, ...rest] = gradient(dy, picture, scale, ...reserved);
        tf.dispose([...rest, ...reserved, picture]);
        if (dy !== dOutput) dy.dispose();
        return { inputs: [back(dx)], weights: [dGamma, dBeta] as Tensor1D[] };
      },
    };
  };
}
