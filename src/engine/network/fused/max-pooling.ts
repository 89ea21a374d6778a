import { type Kernels, poolingAttributes } from '../kernels';
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
  const pool2 = kernels.prepare('_MklNativeMaxPool', withWorkspace, 2);
  const poolGradient2 = kernels.prepare('_MklNativeMaxPoolGrad', withWorkspace);
  const remembers = kernels.hasPoolingWorkspace;

  return ([x], { training }) => {
    if (!training) return { output: pool(x)[0] };
    const [y, ...workspace] = remembers ? pool2(x) : pool(x);
    const kept = [x.clone(), y.clone()];
    return {
      output: y,
      backward: (dy) => {
        const [dx] = remembers ? poolGradient2(...kept, dy, ...workspace) : poolGradient(...kept, dy);
        kernels.tf.dispose([...kept, ...workspace]);
        return { inputs: [dx], weights: [] };
      },
    };
  };
}
