import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { DropoutMask, TensorFlow } from '../network';
import { bool, float, type Kernels, text, type } from '../kernels';

/** Options of one pass over a batch. */
export interface Pass {
  training: boolean;
  /** false if no layer before this one is trainable */
  needsInputGradient: boolean;
  dropoutMask: (shape: number[], rate: number) => Tensor;
}

/** Output of a layer and its backward pass. */
export interface Result {
  output: Tensor;
  /**
   * In training only. Called at most once; disposes the tensors kept for it.
   *
   * @param dy - gradient of the loss with respect to the output; the caller disposes it
   * @returns gradients with respect to each input (undefined if not needed) and each trainable weight, in the order of the layer
   */
  backward?: (dy: Tensor) => { inputs: (Tensor | undefined)[]; weights: Tensor[] };
}

/**
 * A layer on TensorFlow's kernels. Inside the fused network, activations with frames have the shape
 * [rows, height, width, channels], with height 1 for sequences, so that 1-D and 2-D layers share kernels without reshaping.
 *
 * The caller disposes the inputs as soon as all layers that read them have run; a layer that needs an input in the backward pass
 * keeps a clone (a reference, not a copy).
 */
export type FusedLayer = (inputs: readonly Tensor[], pass: Pass) => Result;

export type ActivationName = 'linear' | 'relu';

export const isFusedActivation = (name: unknown): name is ActivationName =>
  name === 'linear' || name === 'relu' || name === undefined || name === null;

/** Disposes or returns its argument; `gradient` may return its argument. */
type Activate = (y: Tensor, training: boolean) => { output: Tensor; gradient: (dOutput: Tensor) => Tensor };

/** The activation of a convolution or dense layer. */
export function fusedActivation(kernels: Kernels, name: ActivationName): Activate {
  if (name !== 'relu') return (y) => ({ output: y, gradient: (dOutput) => dOutput });
  const relu = kernels.prepare('Relu', { T: type('FLOAT') });
  const reluGradient = kernels.prepare('ReluGrad', { T: type('FLOAT') });
  return (y, training) => {
    const [output] = relu(y);
    y.dispose();
    const kept = training ? output.clone() : undefined;
    return {
      output,
      gradient: (dOutput) => {
        const [dy] = reluGradient(dOutput, kept!);
        kept!.dispose();
        return dy;
      },
    };
  };
}

/** ReLU as a layer. */
export function fusedRelu(kernels: Kernels): FusedLayer {
  const activate = fusedActivation(kernels, 'relu');
  return ([x], { training }) => {
    const { output, gradient } = activate(x.clone(), training);
    return { output, backward: (dy) => ({ inputs: [gradient(dy)], weights: [] }) };
  };
}

/** Dropout: in training, a share `rate` of the values is set to 0 and the others are multiplied by 1 / (1 − rate). */
export function fusedDropout(kernels: Kernels, rate: number): FusedLayer {
  const multiply = kernels.prepare('Mul', { T: type('FLOAT') });
  return ([x], { training, dropoutMask }) => {
    if (!training || rate === 0) {
      return { output: x.clone(), backward: (dy) => ({ inputs: [dy.clone()], weights: [] }) };
    }
    const mask = dropoutMask(x.shape, rate);
    return {
      output: multiply(x, mask)[0],
      backward: (dy) => {
        const inputs = multiply(dy, mask);
        mask.dispose();
        return { inputs, weights: [] };
      },
    };
  };
}

/**
 * Dropout masks from TensorFlow's counter-based generator (Salmon et al. 2011), as a function of seed, layer and step. Each value
 * uses one random byte, which takes a quarter of the time of a uniform number; rates are rounded to 1/256.
 */
export function fusedDropoutMask(kernels: Kernels): DropoutMask {
  const { tf, prepare } = kernels;
  const draw = prepare('StatelessRandomUniformFullInt', {
    dtype: type('INT32'),
    T: type('INT32'),
    Tseed: type('INT32'),
  });
  const toBytes = prepare('Bitcast', { T: type('INT32'), type: type('UINT8') });
  const toByte = prepare('Cast', { SrcT: type('INT32'), DstT: type('UINT8'), Truncate: bool(false) });
  const atLeast = prepare('GreaterEqual', { T: type('UINT8') });
  const toFloat = prepare('Cast', { SrcT: type('BOOL'), DstT: type('FLOAT'), Truncate: bool(false) });
  const multiply = prepare('Mul', { T: type('FLOAT') });
  return (shape, rate, { seed, layer, step }) =>
    tf.tidy(() => {
      const size = shape.reduce((product, length) => product * length, 1);
      const dropped = Math.round(rate * 256);
      const first = (seed ^ Math.imul(layer, 0x9e3779b1)) | 0;
      const key =
        typeof step === 'number'
          ? tf.tensor1d([first, step], 'int32')
          : tf.stack([tf.scalar(first, 'int32'), step]);
      const words = Math.ceil(size / 4);
      const [random] = draw(tf.tensor1d([words], 'int32'), key);
      const [bytes] = toBytes(random);
      const [threshold] = toByte(tf.scalar(dropped, 'int32'));
      const [keeps] = atLeast(bytes, threshold);
      const [mask] = multiply(toFloat(keeps)[0], tf.scalar(256 / (256 - dropped)));
      const flat = words * 4 === size ? mask : tf.slice(mask.reshape([words * 4]), [0], [size]);
      return flat.reshape(shape);
    });
}

/** Flattens each row; shape [rows, …] → [rows, values]. */
export const fusedFlatten: FusedLayer = ([x]) => ({
  output: x.reshape([x.shape[0], x.size / x.shape[0]]),
  backward: (dy) => ({ inputs: [dy.reshape(x.shape)], weights: [] }),
});

/** Concatenates its inputs along the last axis. */
export function fusedConcatenate(tf: TensorFlow): FusedLayer {
  return (inputs) => {
    const axis = inputs[0].rank - 1;
    const sizes = inputs.map((input) => input.shape[axis]);
    return {
      output: tf.concat([...inputs], axis),
      backward: (dy) => ({ inputs: tf.split(dy, sizes, axis), weights: [] }),
    };
  };
}

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
 * @param isDoneByNeighbour - whether another layer does it in prediction: the preceding convolution ({@link foldedNormalization}), or the
 *   max-pooling layer that follows
 * @see Ioffe & Szegedy 2015, arXiv 1502.03167
 */
export function fusedBatchNormalization(
  kernels: Kernels,
  { gamma, beta, movingMean, movingVariance, momentum, epsilon }: BatchNormalizationOptions,
  isDoneByNeighbour: boolean,
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
    if (!training && isDoneByNeighbour) return { output: x.clone() };
    // The kernel requires rank 4.
    const image = x.rank === 2 ? x.reshape([x.shape[0], 1, 1, x.shape[1] ?? 1]) : x.clone();
    const { rank, shape } = x;
    const toInputRank = (y: Tensor): Tensor => {
      if (rank !== 2) return y;
      const flat = y.reshape(shape);
      y.dispose();
      return flat;
    };
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
 * Whether no value of a batch normalisation decreases where its input increases. It may then follow max-pooling, where it has half the
 * work.
 */
export const isIncreasing = ({ gamma }: Pick<BatchNormalizationOptions, 'gamma'>): boolean =>
  gamma()
    .dataSync()
    .every((factor) => factor >= 0);

/**
 * Batch normalisation with the moving statistics as a factor and an offset for each channel. They are folded into the filter and the
 * bias of a convolution, because normalising its output takes longer than the convolution itself.
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
