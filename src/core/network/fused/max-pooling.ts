import { bool, type Kernels, poolingAttributes, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

export interface PoolingOptions {
  size: [number, number];
  strides: [number, number];
  padding: 'SAME' | 'VALID';
}

/**
 * Max-pooling. TensorFlow's own gradient searches every window again; oneDNN's kernels remember in a byte a window where
 * the maximum was, which takes a quarter of the time and lets the input go.
 */
export function fusedMaxPooling(kernels: Kernels, { size, strides, padding }: PoolingOptions): FusedLayer {
  const plain = poolingAttributes(size, strides, padding, false);
  const pool = kernels.prepare('MaxPool', plain);
  const poolGradient = kernels.prepare('MaxPoolGrad', plain);
  const withWorkspace = poolingAttributes(size, strides, padding, true);
  const poolAndRemember = kernels.prepare('_MklNativeMaxPool', withWorkspace, 2);
  const remembered = kernels.prepare('_MklNativeMaxPoolGrad', withWorkspace);
  const empty = kernels.prepare('Empty', { dtype: type('FLOAT'), init: bool(false) });
  const { tf } = kernels;

  return ([x], { training }) => {
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
    const [y, workspace] = poolAndRemember(x);
    const sizes = [x.shape, y.shape].map((shape) => tf.tensor1d(shape, 'int32'));
    return {
      output: y,
      backward: (dy) => {
        // Of input and output the kernel looks at the shapes alone: any memory will do, and theirs was free in between.
        const stand = sizes.map((size) => empty(size)[0]);
        const inputs = remembered(...stand, dy, workspace);
        tf.dispose([...sizes, ...stand, workspace]);
        return { inputs, weights: [] };
      },
    };
  };
}
