import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../engine';
import { bool, type Kernels, type } from '../kernels';
import type { DropoutMask } from '../network';

/** What a layer does in one pass over one batch. */
export interface Pass {
  training: boolean;
  /** whether somebody will ask for the gradient by the layer's input; the first layer's is not needed */
  needsInputGradient: boolean;
  dropoutMask: (shape: number[], rate: number) => Tensor;
}

/** What a layer made of its inputs, and the way back. */
export interface Result {
  output: Tensor;
  /**
   * Called once at most, and disposes of what was kept for it. Only in training is there a way back.
   *
   * @param dy - gradient by the output; disposed of by the caller
   * @returns gradients by each input (undefined if nobody needs them) and by each trainable weight in the layer's order
   */
  backward?: (dy: Tensor) => { inputs: (Tensor | undefined)[]; weights: Tensor[] };
}

/**
 * A layer on TensorFlow's own kernels. Inside the fused network every activation with frames has the shape
 * [rows, height, width, channels], with height 1 for a sequence, so that 1-D and 2-D layers are the same kernels and nothing
 * is reshaped in between.
 *
 * Inputs stay the caller's, who disposes of them when all their readers are done: a layer that needs one on the way back
 * keeps a clone (a reference, not a copy).
 */
export type FusedLayer = (inputs: readonly Tensor[], pass: Pass) => Result;

export type ActivationName = 'linear' | 'relu';

export const isFusedActivation = (name: unknown): name is ActivationName =>
  name === 'linear' || name === 'relu' || name === undefined || name === null;

/** Takes its argument over and returns what becomes of it; `gradient` may return its argument. */
type Activate = (y: Tensor, training: boolean) => { output: Tensor; gradient: (dOutput: Tensor) => Tensor };

/** The activation inside a convolution or a dense layer. */
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

/** The rectifier as a layer of its own. */
export function fusedRelu(kernels: Kernels): FusedLayer {
  const activate = fusedActivation(kernels, 'relu');
  return ([x], { training }) => {
    const { output, gradient } = activate(x.clone(), training);
    return { output, backward: (dy) => ({ inputs: [gradient(dy)], weights: [] }) };
  };
}

/** Dropout: in training a share of the numbers is 0 and the others grow by 1 / (1 − rate). */
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
 * Masks of TensorFlow's own counter-based generator (Salmon et al. 2011): a function of seed, layer and step alone. A byte
 * decides on a number, which takes a quarter of the time that a uniform number takes; rates are rounded to 256ths.
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
      const key = tf.tensor1d([(seed ^ Math.imul(layer, 0x9e3779b1)) | 0, step], 'int32');
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

/** All numbers of a row after each other; shape [rows, values]. */
export const fusedFlatten: FusedLayer = ([x]) => ({
  output: x.reshape([x.shape[0], x.size / x.shape[0]]),
  backward: (dy) => ({ inputs: [dy.reshape(x.shape)], weights: [] }),
});

/** Several inputs side by side along the last axis. */
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
