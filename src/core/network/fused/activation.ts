import type { Tensor } from '@tensorflow/tfjs';
import { type Kernels, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

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
