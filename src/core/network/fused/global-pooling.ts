import { bool, type Kernels, type } from '../kernels';
import type { FusedLayer } from './fused-layer';

/** The mean or the maximum over all frames; shape [rows, height, width, channels] → [rows, channels]. */
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
          // As TensorFlow.js has it: every place that holds the maximum gets the whole of it.
          const isLargest = kept[0].equal(kept[1].reshape([rows, 1, 1, channels]));
          return gradient.mul(isLargest.cast('float32'));
        });
        tf.dispose(kept);
        return { inputs: [dx], weights: [] };
      },
    };
  };
}
