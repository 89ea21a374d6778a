import type { KernelConfig, KernelFunc, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from '.';

interface Attributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/**
 * Registers the gradient of a 2-D convolution with respect to its filter for a backend that lacks it, composed from
 * pad, strided slice, transpose and matrix product: for each filter tap, `dW[i, j] = X[i, j]ᵀ · dY`, where `X[i, j]`
 * [batch · outHeight · outWidth, inChannels] is the padded input seen through that tap.
 *
 * The same operation as TensorFlow's `Conv2DBackpropFilter`, NHWC only. Registering twice does nothing.
 */
export function registerConv2DBackpropFilter(tf: TensorFlow, backendName: string): void {
  const registered = tf.getKernel('Conv2DBackpropFilter', backendName) as KernelConfig | undefined; // mistyped there
  if (registered) return;
  const kernelFunc: KernelFunc = ({ inputs, attrs }) => {
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as Attributes;
    if (dataFormat !== 'NHWC')
      throw new Error(`Conv2DBackpropFilter: dataFormat must be NHWC, got ${dataFormat}`);
    const x = inputs.x as Tensor4D;
    const dy = inputs.dy as Tensor4D;
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { padInfo, filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth } = info;
    const { strideHeight, strideWidth, batchSize } = info;
    return tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ]);
      const outputs = batchSize * outHeight * outWidth;
      const dyMatrix = dy.reshape([outputs, outChannels]);
      const taps = [];
      for (let i = 0; i < filterHeight; i++) {
        for (let j = 0; j < filterWidth; j++) {
          const end = [
            batchSize,
            i + (outHeight - 1) * strideHeight + 1,
            j + (outWidth - 1) * strideWidth + 1,
            inChannels,
          ];
          const seen = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
          // Transposed first: the backend's fast matrix product takes only untransposed operands.
          taps.push(tf.matMul(seen.reshape([outputs, inChannels]).transpose(), dyMatrix));
        }
      }
      return tf.stack(taps).reshape(filterShape);
    });
  };
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName, kernelFunc });
}

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
