import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../network';
import { speechStatistics } from '../statistics-pooling';
import type { FusedLayer } from './fused-layer';

/**
 * Mean, deviation and maximum over the frames of the speech; shape [rows, 1, frames, channels] or [rows, frames, bands, channels] →
 * [rows, 3 · values].
 *
 * @param factor - input frames that one frame stands for
 */
export function fusedStatistics(tf: TensorFlow, factor: number): FusedLayer {
  return ([x, input], { training }) => {
    const isSequence = x.shape[1] === 1 && input.shape[1] === 1;
    const flat = (y: Tensor): Tensor3D => {
      const [rows, height, width = 1] = y.shape;
      const frames = isSequence ? width : height;
      return y.reshape([rows, frames, y.size / (rows * frames)]);
    };
    const { output, ...kept } = tf.tidy(() => speechStatistics(tf, flat(x), flat(input), factor));
    const { mean, deviation, max } = kept;
    const [rows, , values] = mean.shape;
    if (!training) {
      tf.dispose(kept);
      return { output };
    }
    return {
      output,
      backward: (dy) => {
        const dx = tf.tidy(() => {
          const [dMean, dDeviation, dMax] = tf.split(dy.reshape<Tensor3D>([rows, 1, 3 * values]), 3, 2);
          const perDistance = dDeviation.div(deviation.mul(kept.count));
          const ofDistance = kept.values.sub(mean).mul(perDistance);
          const isLargest = kept.values.equal(max).cast('float32');
          const all = ofDistance.add(dMean.div(kept.count)).add(isLargest.mul(dMax));
          return all.mul(kept.mask).reshape(x.shape);
        });
        tf.dispose(kept);
        return { inputs: [dx, undefined], weights: [] };
      },
    };
  };
}
