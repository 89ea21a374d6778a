import type { Tensor } from '@tensorflow/tfjs';
import { bool, float, type Kernels, text, type } from '../kernels';
import { type ActivationName, fusedActivation, type FusedLayer } from './fused-layer';

export interface DenseOptions {
  /** shape [inputs, units] */
  matrix: () => Tensor;
  bias?: () => Tensor;
  activation: ActivationName;
}

/** A fully connected layer; shape [rows, inputs] → [rows, units]. */
export function fusedDense(kernels: Kernels, { matrix, bias, activation }: DenseOptions): FusedLayer {
  const multiply = (a: boolean, b: boolean) =>
    kernels.prepare('MatMul', { T: type('FLOAT'), transpose_a: bool(a), transpose_b: bool(b) });
  const product = multiply(false, false);
  const inputGradient = multiply(false, true);
  const matrixGradient = multiply(true, false);
  const addBias = kernels.prepare('BiasAdd', { T: type('FLOAT'), data_format: text('NHWC') });
  const biasGradient = kernels.prepare('BiasAddGrad', { T: type('FLOAT'), data_format: text('NHWC') });
  const activate = fusedActivation(kernels, activation);

  return ([x], { training, needsInputGradient }) => {
    const weights = matrix();
    let [y] = product(x, weights);
    if (bias) {
      const [sum] = addBias(y, bias());
      y.dispose();
      y = sum;
    }
    const { output, gradient } = activate(y, training);
    if (!training) return { output };
    const kept = x.clone();
    return {
      output,
      backward: (dOutput) => {
        const dy = gradient(dOutput);
        const dBias = bias ? biasGradient(dy) : [];
        const dMatrix = matrixGradient(kept, dy);
        const dx = needsInputGradient ? inputGradient(dy, weights)[0] : undefined;
        kept.dispose();
        if (dy !== dOutput) dy.dispose();
        return { inputs: [dx], weights: [...dMatrix, ...dBias] };
      },
    };
  };
}

export interface LstmOptions {
  units: number;
  /** shape [inputs, 4 · units], gates in the order input, forget, cell, output, also in `recurrent` and `bias` */
  matrix: () => Tensor;
  /** shape [units, 4 · units] */
  recurrent: () => Tensor;
  /** shape [4 · units] */
  bias: () => Tensor;
  /** true: the states of all frames; false: the last state */
  returnSequences: boolean;
}

/**
 * An LSTM layer with sigmoid gates, tanh and no peepholes, with TensorFlow's `BlockLSTMV2`, which processes all frames in one call.
 * (TensorFlow.js needs dozens of operations per frame.)
 *
 * @see Hochreiter & Schmidhuber 1997
 */
export function fusedLstm(
  kernels: Kernels,
  { units, matrix, recurrent, bias, returnSequences }: LstmOptions,
): FusedLayer {
  const { tf } = kernels;
  const common = { T: type('FLOAT'), use_peephole: bool(false) };
  const forward = kernels.prepare('BlockLSTMV2', { ...common, cell_clip: float(0) }, 7);
  const gradient = kernels.prepare('BlockLSTMGradV2', common, 8);

  return ([x], { training }) => {
    const [rows, , frames, inputs] = x.shape;
    const { kept, output } = tf.tidy(() => {
      const byFrame = tf.transpose(x.reshape([rows, frames, inputs]), [1, 0, 2]);
      const none = tf.zeros([units]);
      const start = tf.zeros([rows, units]);
      const weights = tf.concat([matrix(), recurrent()], 0);
      const given = [kernels.int64(frames), byFrame, start, start, weights, none, none, none, bias()];
      const outputs = forward(...given);
      const h = outputs[6];
      const result = returnSequences
        ? tf.transpose(h, [1, 0, 2]).reshape([rows, 1, frames, units])
        : tf.slice(h, [frames - 1, 0, 0], [1, rows, units]).reshape([rows, units]);
      return { kept: training ? [...given, ...outputs].map((tensor) => tensor.clone()) : [], output: result };
    });
    if (!training) return { output };
    return {
      output,
      backward: (dy) => {
        const all = tf.tidy(() => {
          const dh = returnSequences
            ? tf.transpose(dy.reshape([rows, frames, units]), [1, 0, 2])
            : tf.pad(dy.reshape([1, rows, units]), [
                [frames - 1, 0],
                [0, 0],
                [0, 0],
              ]);
          const gradients = gradient(...kept, tf.zerosLike(dh), dh);
          const [dMatrix, dRecurrent] = tf.split(gradients[3], [inputs, units], 0);
          const dx = tf.transpose(gradients[0], [1, 0, 2]).reshape(x.shape);
          return [dx, dMatrix, dRecurrent, gradients[7]] as Tensor[];
        });
        tf.dispose(kept);
        const [dx, ...weights] = all;
        return { inputs: [dx], weights };
      },
    };
  };
}
