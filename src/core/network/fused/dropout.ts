import { type Kernels, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

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
