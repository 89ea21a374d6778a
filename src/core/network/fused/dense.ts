import type { Tensor } from '@tensorflow/tfjs';
import { bool, type Kernels, text, type } from '../kernels';
import { type ActivationName, fusedActivation } from './activation';
import type { FusedLayer } from './fused-layer';

export interface DenseOptions {
  /** shape [inputs, units] */
  matrix: () => Tensor;
  bias?: () => Tensor;
  activation: ActivationName;
}

/** A fully connected layer on rows of numbers, shape [rows, inputs] → [rows, units]. */
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
