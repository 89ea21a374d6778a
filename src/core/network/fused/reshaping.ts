import type { TensorFlow } from '../engine';
import type { FusedLayer } from './fused-layer';

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
