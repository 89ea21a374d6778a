import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { bool, float, type Kernels, text, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

/** A moving statistic, which has no gradient. */
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
 * Batch normalisation over all axes except the last, with TensorFlow's `FusedBatchNormV3` and its gradient. (TensorFlow.js composes
 * it of dozens of element-wise operations.)
 *
 * @param isFolded - whether the convolution before it does its work in prediction ({@link foldedNormalization})
 * @see Ioffe & Szegedy 2015, arXiv 1502.03167
 */
export function fusedBatchNormalization(
  kernels: Kernels,
  { gamma, beta, movingMean, movingVariance, momentum, epsilon }: BatchNormalizationOptions,
  isFolded: boolean,
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

  /** statistic ← momentum · statistic + share · value; twice as fast as with TensorFlow.js operations */
  const update = (statistic: Statistic, value: Tensor, share: number): void => {
    tf.tidy(() => {
      const [previous] = multiply(statistic.read(), tf.scalar(momentum));
      const [current] = multiply(value, tf.scalar(share));
      statistic.write(sum(previous, current)[0]);
    });
  };

  return ([x], { training }) => {
    // The kernel requires rank 4.
    const image = x.rank === 2 ? x.reshape([x.shape[0], 1, 1, x.shape[1] ?? 1]) : x.clone();
    const { rank, shape } = x;
    const toInputRank = (y: Tensor): Tensor => {
      if (rank !== 2) return y;
      const flat = y.reshape(shape);
      y.dispose();
      return flat;
    };
    if (!training && isFolded) {
      image.dispose();
      return { output: x.clone() };
    }
    if (!training) {
      const [y, ...rest] = inference(image, gamma(), beta(), movingMean.read(), movingVariance.read());
      tf.dispose([...rest, image]);
      return { output: toInputRank(y) };
    }
    const scale = gamma();
    const none = tf.tensor1d([]);
    const [y, mean, variance, ...reserved] = forward(image, scale, beta(), none, none);
    const count = image.size / scale.size;
    update(movingMean, mean, 1 - momentum);
    // The kernel returns the unbiased estimate; the TensorFlow.js layer stores the biased one.
    update(movingVariance, variance, ((1 - momentum) * Math.max(1, count - 1)) / count);
    tf.dispose([mean, variance, none]);
    return {
      output: toInputRank(y),
      backward: (dOutput) => {
        const dy = rank === 2 ? dOutput.reshape(image.shape) : dOutput;
        const [dx, dGamma, dBeta, ...rest] = gradient(dy, image, scale, ...reserved);
        tf.dispose([...rest, ...reserved, image]);
        if (dy !== dOutput) dy.dispose();
        return { inputs: [toInputRank(dx)], weights: [dGamma, dBeta] as Tensor1D[] };
      },
    };
  };
}

/**
 * Batch normalisation with the moving statistics as a factor and an offset for each channel, which a convolution takes into its
 * filter and its bias: normalising its output takes longer than the convolution.
 */
export function foldedNormalization({
  gamma,
  beta,
  movingMean,
  movingVariance,
  epsilon,
}: BatchNormalizationOptions): { factor: Tensor; offset: Tensor } {
  const factor = gamma().div(movingVariance.read().add(epsilon).sqrt());
  return { factor, offset: beta().sub(movingMean.read().mul(factor)) };
}
