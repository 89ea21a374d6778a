import type { KernelConfig, KernelFunc, Tensor4D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/network';

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
