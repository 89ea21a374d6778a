import type { KernelConfig, KernelFunc, Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';

/**
 * Makes convolutional networks trainable on the WebAssembly backend of TensorFlow.js (4.22.0), in Node and in the browser: adds the
 * missing filter gradient, replaces the incorrect max-pooling gradient, and makes clipping keep NaN. Call it after
 * `setBackend('wasm')` has resolved; further calls have no effect.
 */
export function registerWasmKernels(tf: TensorFlow): void {
  registerConv2DBackpropFilter(tf);
  fixMaxPoolGradient(tf);
  keepNanWhenClipping(tf);
}

interface Attributes {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/**
 * Registers TensorFlow's `Conv2DBackpropFilter` (NHWC only), composed of pad, strided slice, transpose and matrix product: for each
 * filter tap, `dW[i, j] = X[i, j]ᵀ · dY`, where `X[i, j]`, of shape [batch · outHeight · outWidth, inChannels], is the part of the
 * padded input that this tap reads. Does nothing if the backend has the kernel.
 */
function registerConv2DBackpropFilter(tf: TensorFlow): void {
  // The declared type lacks undefined.
  const registered = tf.getKernel('Conv2DBackpropFilter', 'wasm') as KernelConfig | undefined;
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
          const read = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
          // Transposed first, because the backend's fast matrix product does not support transposed operands.
          taps.push(tf.matMul(read.reshape([outputs, inChannels]).transpose(), dyMatrix));
        }
      }
      return tf.stack(taps).reshape(filterShape);
    });
  };
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc });
}

const fixed = new WeakSet<object>();

/**
 * Replaces the backend's max-pooling gradient, which initialises the search for the maximum of a window with the smallest positive
 * float, so that windows without a positive input get no gradient. After batch normalisation this affects about a quarter of all
 * windows of size two.
 *
 * The original kernel depends only on the order of the inputs. It is called twice: on the inputs, for windows with a positive
 * maximum, and on `-1 / x`, which is positive and increasing for x < 0, for the others.
 */
function fixMaxPoolGradient(tf: TensorFlow): void {
  const original = tf.getKernel('MaxPoolGrad', 'wasm');
  if (fixed.has(original.kernelFunc)) return;
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
      const largest = tf.fill(x.shape, 3e38); // for 0, the maximum of a window without positive inputs
      const mirrored = tf.where<Tensor4D>(x.less(0), tf.div<Tensor4D>(-1, x), largest as Tensor4D);
      return gradient(x, tf.where(positive, dy, zero)).add(gradient(mirrored, tf.where(positive, zero, dy)));
    });
  };
  fixed.add(kernelFunc);
  tf.unregisterKernel('MaxPoolGrad', 'wasm');
  tf.registerKernel({ kernelName: 'MaxPoolGrad', backendName: 'wasm', kernelFunc });
}

/**
 * The backend's `ClipByValue` turns NaN into the lower bound, so the loss of a diverged training run, which is the logarithm of
 * clipped probabilities, would be finite.
 */
function keepNanWhenClipping(tf: TensorFlow): void {
  const original = tf.getKernel('ClipByValue', 'wasm');
  if (fixed.has(original.kernelFunc)) return;
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const x = inputs.x as Tensor;
    return tf.tidy(() => {
      const clipped = original.kernelFunc({ inputs, attrs, backend }) as TensorInfo;
      return tf.where(x.isNaN(), x, tf.engine().makeTensorFromTensorInfo(clipped));
    });
  };
  fixed.add(kernelFunc);
  tf.unregisterKernel('ClipByValue', 'wasm');
  tf.registerKernel({ kernelName: 'ClipByValue', backendName: 'wasm', kernelFunc });
}
