import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { bool, int, type Kernel, type Kernels, poolingAttributes, text, type } from '../kernels';
import {
  type ActivationName,
  type BatchNormalizationOptions,
  foldedNormalization,
  fusedActivation,
  fusedBatchNormalization,
  type FusedLayer,
  isIncreasing,
} from './fused-layer';
import { fastConvolution, isFastConvolution } from './fast-convolution';

export interface ConvolutionOptions {
  /** shape [height, width, inChannels, outChannels]; called in each pass */
  filter: () => Tensor4D;
  bias?: () => Tensor;
  strides: [number, number];
  padding: 'SAME' | 'VALID';
  activation: ActivationName;
  /** batch normalisation of the output, folded into filter and bias in prediction; `activation` is then linear */
  normalization?: BatchNormalizationOptions;
}

/** With fewer input channels, the gradient by matrix products is slower than TensorFlow's kernel. */
const fewChannels = 64;

/** Up to this number of values that a filter reads, its gradient is one matrix product. */
const fewValues = 16;

/**
 * Convolution with bias and activation, with TensorFlow's `Conv2D` and its gradients. The filter gradient uses matrix products where
 * these are faster (twice as fast with many input and output channels).
 */
export function fusedConvolution(
  kernels: Kernels,
  { filter, bias, strides, padding, activation, normalization }: ConvolutionOptions,
): FusedLayer {
  const attributes = {
    T: type('FLOAT'),
    strides: int([1, ...strides, 1]),
    padding: text(padding),
    data_format: text('NHWC'),
    use_cudnn_on_gpu: bool(true),
    explicit_paddings: int([]),
    dilations: int([1, 1, 1, 1]),
  };
  const convolve = kernels.prepare('Conv2D', attributes);
  const inputGradient = kernels.prepare('Conv2DBackpropInput', attributes);
  const filterGradient = kernels.prepare('Conv2DBackpropFilter', attributes);
  const addBias = kernels.prepare('BiasAdd', { T: type('FLOAT'), data_format: text('NHWC') });
  const biasGradient = kernels.prepare('BiasAddGrad', { T: type('FLOAT'), data_format: text('NHWC') });
  const activate = fusedActivation(kernels, activation);
  const { tf } = kernels;
  const fast = fastConvolution(kernels);
  const isAlongTime = padding === 'SAME' && strides[1] === 1;
  const isFast = ([height, width, inChannels, outChannels]: number[]): boolean =>
    height === 1 && isAlongTime && isFastConvolution(width, inChannels, outChannels);
  const run = (x: Tensor4D, weights: Tensor4D): Tensor =>
    isFast(weights.shape) ? fast.convolve(x, weights) : convolve(x, weights)[0];

  return ([x], { training, needsInputGradient }) => {
    if (!training && normalization) {
      const { factor, offset } = foldedNormalization(normalization);
      const y = run(x as Tensor4D, filter().mul(factor));
      const [output] = addBias(y, bias ? bias().mul(factor).add(offset) : offset);
      y.dispose();
      return { output };
    }
    const weights = filter();
    let y = run(x as Tensor4D, weights);
    if (bias) {
      const [sum] = addBias(y, bias());
      y.dispose();
      y = sum;
    }
    const { output, gradient } = activate(y, training);
    const kept = training ? x.clone() : undefined;
    return {
      output,
      backward: (dOutput) => {
        const input = kept as Tensor4D;
        const dy = gradient(dOutput) as Tensor4D;
        const [height, width, inChannels] = weights.shape;
        const isSequence = height === 1 && isAlongTime;
        const dWeights = (): Tensor[] => {
          if (isSequence && width * inChannels <= fewValues)
            return gradientOfFewValues(kernels, input, dy, width, bias !== undefined);
          const dBias = bias ? biasGradient(dy) : [];
          if (isFast(weights.shape)) return [fast.filterGradient(input, dy, width), ...dBias];
          if (isSequence && width > 1 && inChannels >= fewChannels)
            return [filterGradientByTaps(kernels, input, dy, width), ...dBias];
          return [...filterGradient(input, tf.tensor1d(weights.shape, 'int32'), dy), ...dBias];
        };
        const gradients = dWeights();
        input.dispose();
        let dx: Tensor | undefined;
        if (needsInputGradient)
          dx = isFast(weights.shape)
            ? fast.inputGradient(dy, weights)
            : inputGradient(tf.tensor1d(x.shape, 'int32'), weights, dy)[0];
        if (dy !== dOutput) dy.dispose();
        return { inputs: [dx], weights: gradients };
      },
    };
  };
}

/** The product of two matrices, Aᵀ · B. */
const transposedProduct = ({ prepare }: Kernels): Kernel =>
  prepare('MatMul', { T: type('FLOAT'), transpose_a: bool(true), transpose_b: bool(false) });

/**
 * The filter gradient of a 1-D convolution ('same', stride 1) as one matrix product per tap: `dW[i] = X[i]ᵀ · dY`, where X[i] is
 * the part of the padded input that tap i reads.
 *
 * All rows are padded and concatenated, so that X[i] is a slice that starts i frames later, which TensorFlow takes without a copy.
 * Frames of the next row at the end of a row are multiplied by zeros in dY.
 *
 * @param x - shape [rows, 1, frames, inChannels]
 * @param dy - shape [rows, 1, frames, outChannels]
 * @returns shape [1, width, inChannels, outChannels]
 */
function filterGradientByTaps(kernels: Kernels, x: Tensor4D, dy: Tensor4D, width: number): Tensor {
  const { tf } = kernels;
  const product = transposedProduct(kernels);
  return tf.tidy(() => {
    const [rows, , frames, inChannels] = x.shape;
    const outChannels = dy.shape[3];
    const before = Math.floor((width - 1) / 2);
    const padded = rows * (frames + width - 1);
    const last = padded - (width - 1);
    const none: [number, number] = [0, 0];
    const input = tf.pad(x, [none, none, [before, width - 1 - before], none]).reshape([padded, inChannels]);
    const output = tf.pad(dy, [none, none, [0, width - 1], none]).reshape([padded, outChannels]);
    const dyRows = tf.slice(output, [0, 0], [last, outChannels]);
    const taps = Array.from({ length: width }, (_, i) => {
      const read = tf.slice(input, [i, 0], [last, inChannels]);
      return product(read, dyRows)[0];
    });
    return tf.stack(taps).reshape([1, width, inChannels, outChannels]);
  });
}

/**
 * The gradients of filter and bias of a 1-D convolution ('same', stride 1) with a filter that reads few values, as one matrix product.
 * This reads `dy` once; TensorFlow combines its two kernels into one that takes three times as long.
 *
 * @param x - shape [rows, 1, frames, inChannels]
 * @param dy - shape [rows, 1, frames, outChannels]
 * @returns filter, shape [1, width, inChannels, outChannels], and bias
 */
function gradientOfFewValues(
  kernels: Kernels,
  x: Tensor4D,
  dy: Tensor4D,
  width: number,
  hasBias: boolean,
): Tensor[] {
  const { tf } = kernels;
  const product = transposedProduct(kernels);
  return tf.tidy(() => {
    const [rows, , frames, inChannels] = x.shape;
    const outChannels = dy.shape[3];
    const values = width * inChannels;
    const before = Math.floor((width - 1) / 2);
    const none: [number, number] = [0, 0];
    const padded = tf.pad(x, [none, none, [before, width - 1 - before], none]);
    const read: Tensor[] = Array.from({ length: width }, (_, i) =>
      tf.slice(padded, [0, 0, i, 0], [rows, 1, frames, inChannels]),
    );
    if (hasBias) read.push(tf.ones([rows, 1, frames, 1]));
    const patches = tf.concat(read, 3).reshape([rows * frames, values + Number(hasBias)]);
    const [gradients] = product(patches, dy.reshape([rows * frames, outChannels]));
    const filter = tf.slice(gradients, [0, 0], [values, outChannels]);
    return [
      filter.reshape([1, width, inChannels, outChannels]),
      ...(hasBias ? [tf.slice(gradients, [values, 0], [1, outChannels]).reshape([outChannels])] : []),
    ];
  });
}

export interface PoolingOptions {
  size: [number, number];
  strides: [number, number];
  padding: 'SAME' | 'VALID';
  /** batch normalisation of the input, done by this layer in prediction: after pooling if it {@link isIncreasing}, otherwise before */
  normalization?: BatchNormalizationOptions;
}

/**
 * Max-pooling. TensorFlow's gradient searches every window again; oneDNN's kernels store the position of each maximum in one byte,
 * which takes a quarter of the time and allows the input to be freed.
 */
export function fusedMaxPooling(
  kernels: Kernels,
  { size, strides, padding, normalization }: PoolingOptions,
): FusedLayer {
  const plain = poolingAttributes(size, strides, padding, false);
  const pool = kernels.prepare('MaxPool', plain);
  const poolGradient = kernels.prepare('MaxPoolGrad', plain);
  const withWorkspace = poolingAttributes(size, strides, padding, true);
  const poolWithPositions = kernels.prepare('_MklNativeMaxPool', withWorkspace, 2);
  const gradientByPositions = kernels.prepare('_MklNativeMaxPoolGrad', withWorkspace);
  const empty = kernels.prepare('Empty', { dtype: type('FLOAT'), init: bool(false) });
  const normalize = normalization && fusedBatchNormalization(kernels, normalization, false);
  const { tf } = kernels;

  return ([x], pass) => {
    const { training } = pass;
    if (!training && normalize) {
      const isPoolingFirst = isIncreasing(normalization);
      const between = isPoolingFirst ? pool(x)[0] : normalize([x], pass).output;
      const output = isPoolingFirst ? normalize([between], pass).output : pool(between)[0];
      between.dispose();
      return { output };
    }
    if (!training) return { output: pool(x)[0] };
    if (!kernels.hasPoolingWorkspace) {
      const [y] = pool(x);
      const kept = [x.clone(), y.clone()];
      return {
        output: y,
        backward: (dy) => {
          const inputs = poolGradient(...kept, dy);
          tf.dispose(kept);
          return { inputs, weights: [] };
        },
      };
    }
    const [y, workspace] = poolWithPositions(x);
    const { shape } = x;
    return {
      output: y,
      backward: (dy) => {
        // The kernel uses only the shapes of input and output.
        const size = tf.tensor1d(shape, 'int32');
        const [input] = empty(size);
        const inputs = gradientByPositions(input, dy, dy, workspace);
        tf.dispose([size, input, workspace]);
        return { inputs, weights: [] };
      },
    };
  };
}

/** Mean or maximum over all positions; shape [rows, height, width, channels] → [rows, channels]. */
export function fusedGlobalPooling(kernels: Kernels, kind: 'mean' | 'max'): FusedLayer {
  const { tf } = kernels;
  const reduce = kernels.prepare(kind === 'mean' ? 'Mean' : 'Max', {
    T: type('FLOAT'),
    Tidx: type('INT32'),
    keep_dims: bool(false),
  });
  return ([x], { training }) => {
    const axes = tf.tensor1d([1, 2], 'int32');
    const [output] = reduce(x, axes);
    axes.dispose();
    if (!training) return { output };
    const [rows, height, width, channels] = x.shape;
    const kept = kind === 'max' ? [x.clone(), output.clone()] : [];
    return {
      output,
      backward: (dy) => {
        const dx = tf.tidy(() => {
          const gradient = dy.reshape([rows, 1, 1, channels]);
          if (kind === 'mean') return gradient.div(height * width).broadcastTo(x.shape);
          // As in TensorFlow.js: each position that equals the maximum gets the full gradient.
          const isLargest = kept[0].equal(kept[1].reshape([rows, 1, 1, channels]));
          return gradient.mul(isLargest.cast('float32'));
        });
        tf.dispose(kept);
        return { inputs: [dx], weights: [] };
      },
    };
  };
}
