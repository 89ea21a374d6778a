import type { KernelFunc, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/network';

/**
 * Mends the WASM backend's max-pool gradient (4.22.0), which starts its search for a window's largest input at the
 * smallest positive float, so that windows without a positive input lose their gradient. After batch normalisation that
 * is about a quarter of all windows of two.
 *
 * The kernel looks at nothing but the order of the inputs, so it is called twice: as it is, for the windows whose output
 * is positive, and for the others on `-1 / x`, which is positive and rises with x where x < 0.
 */
export function mendMaxPoolGradient(tf: TensorFlow): void {
  const original = tf.getKernel('MaxPoolGrad', 'wasm');
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const x = inputs.input as Tensor4D;
    const dy = inputs.dy as Tensor4D;
    const gradient = (input: Tensor4D, outputGradient: Tensor4D): Tensor4D => {
      const dx = original.kernelFunc({ inputs: { ...inputs, input, dy: outputGradient }, attrs, backend });
      return tf.engine().makeTensorFromTensorInfo(dx as TensorInfo) as Tensor4D;
    };
    return tf.tidy(() => {
      const positive = (inputs.output as Tensor4D).greater(0);
      const zero = tf.zerosLike(dy);
      const largest = tf.fill(x.shape, 3e38); // in place of 0, the largest input of a window without a positive one
      const mirrored = tf.where<Tensor4D>(x.less(0), tf.div<Tensor4D>(-1, x), largest as Tensor4D);
      return gradient(x, tf.where(positive, dy, zero)).add(gradient(mirrored, tf.where(positive, zero, dy)));
    });
  };
  tf.unregisterKernel('MaxPoolGrad', 'wasm');
  tf.registerKernel({ kernelName: 'MaxPoolGrad', backendName: 'wasm', kernelFunc });
}
