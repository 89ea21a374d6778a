import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { bool, type Kernels, type } from '../kernels';

/**
 * The gradient of a 1-D convolution ('same', stride 1) by its filter, as one product of matrices for each of the filter's
 * taps: `dW[i] = X[i]ᵀ · dY`, where X[i] is the padded input seen through tap i.
 *
 * Rows are padded to one length and laid one after the other, so that X[i] is a run of the same memory a few frames further
 * on, which TensorFlow slices without a copy; what runs over from a row into the next meets zeros in dY.
 *
 * @param x - shape [rows, 1, frames, inChannels]
 * @param dy - shape [rows, 1, frames, outChannels]
 * @returns shape [1, width, inChannels, outChannels]
 */
export function filterGradientByTaps(kernels: Kernels, x: Tensor4D, dy: Tensor4D, width: number): Tensor {
  const { tf } = kernels;
  const product = kernels.prepare('MatMul', {
    T: type('FLOAT'),
    transpose_a: bool(true),
    transpose_b: bool(false),
  });
  return tf.tidy(() => {
    const [rows, , frames, inChannels] = x.shape;
    const outChannels = dy.shape[3];
    const before = Math.floor((width - 1) / 2);
    const padded = rows * (frames + width - 1);
    const last = padded - (width - 1);
    const none: [number, number] = [0, 0];
    const input = tf.pad(x, [none, none, [before, width - 1 - before], none]).reshape([padded, inChannels]);
    const output = tf.pad(dy, [none, none, [0, width - 1], none]).reshape([padded, outChannels]);
    const dyRows = tf.slice(output, [0, 0], [last, outChannels]);
    const taps = Array.from({ length: width }, (_, i) => {
      const seen = tf.slice(input, [i, 0], [last, inChannels]);
      return product(seen, dyRows)[0];
    });
    return tf.stack(taps).reshape([1, width, inChannels, outChannels]);
  });
}
