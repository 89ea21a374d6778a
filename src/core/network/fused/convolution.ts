import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { bool, int, type Kernels, text, type } from '../kernels';
import { type ActivationName, fusedActivation } from './activation';
import { filterGradientByTaps } from './filter-gradient';
import type { FusedLayer } from './fused-layer';

/** A convolution, with its bias and activation. */
export interface ConvolutionOptions {
  /** shape [height, width, inChannels, outChannels]; read anew in each pass */
  filter: () => Tensor4D;
  bias?: () => Tensor;
  strides: [number, number];
  padding: 'SAME' | 'VALID';
  activation: ActivationName;
}

/** Below so many input channels a product of matrices a tap is too thin to be fast. */
const fewChannels = 64;

/**
 * Convolution on TensorFlow's `Conv2D` and its gradients; the gradient by the filter is taken by matrix products where those
 * are faster (twice as fast, where both numbers of channels are large).
 */
export function fusedConvolution(
  kernels: Kernels,
  { filter, bias, strides, padding, activation }: ConvolutionOptions,
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

  return ([x], { training, needsInputGradient }) => {
    const weights = filter();
    let [y] = convolve(x, weights);
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
        const byTaps =
          height === 1 && padding === 'SAME' && strides[1] === 1 && width > 1 && inChannels >= fewChannels;
        const dFilter = byTaps
          ? filterGradientByTaps(kernels, input, dy, width)
          : filterGradient(input, tf.tensor1d(weights.shape, 'int32'), dy)[0];
        const dBias = bias ? biasGradient(dy) : [];
        const dx = needsInputGradient
          ? inputGradient(tf.tensor1d(input.shape, 'int32'), weights, dy)[0]
          : undefined;
        input.dispose();
        if (dy !== dOutput) dy.dispose();
        return { inputs: [dx], weights: [dFilter, ...dBias] };
      },
    };
  };
}
