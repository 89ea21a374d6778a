import type { KernelConfig, KernelFunc, Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from './network';

type TypeName = 'FLOAT' | 'INT32' | 'UINT8' | 'BOOL';

/** An attribute of a kernel with its type, which TensorFlow requires. */
type Attribute =
  | { kind: 'INT'; value: number | number[] }
  | { kind: 'FLOAT'; value: number }
  | { kind: 'BOOL'; value: boolean }
  | { kind: 'STRING'; value: string }
  | { kind: 'SHAPE'; value: number[] }
  | { kind: 'TYPE'; value: TypeName };

export const int = (value: number | number[]): Attribute => ({ kind: 'INT', value });
export const float = (value: number): Attribute => ({ kind: 'FLOAT', value });
export const bool = (value: boolean): Attribute => ({ kind: 'BOOL', value });
export const text = (value: string): Attribute => ({ kind: 'STRING', value });
export const shape = (value: number[]): Attribute => ({ kind: 'SHAPE', value });
export const type = (value: TypeName): Attribute => ({ kind: 'TYPE', value });

/** A kernel with fixed attributes. */
export type Kernel = (...inputs: Tensor[]) => Tensor[];

/** Access to TensorFlow's kernels by name, including those that TensorFlow.js does not offer. */
export interface Kernels {
  tf: TensorFlow;
  /** @param outputs - number of tensors that it returns; default 1 */
  prepare: (name: string, attributes: Record<string, Attribute>, outputs?: number) => Kernel;
  /** A 64-bit integer of shape [], which TensorFlow.js does not support but some kernels require. Cached, never disposed. */
  int64: (value: number) => Tensor;
  /** whether oneDNN's max-pooling kernels, which store the position of each maximum, are available */
  hasPoolingWorkspace: boolean;
}

interface NodeBackend {
  binding: Record<`TF_${string}`, number> & {
    createTensor: (shape: number[], type: number, values: Int32Array) => number;
  };
  tensorMap: { set: (dataId: object, handle: object) => void };
  executeMultipleOutputs: (
    name: string,
    attributes: unknown[],
    inputs: Tensor[],
    outputs: number,
  ) => Tensor[];
}

/**
 * The kernels of the native engine.
 *
 * @param tf - with the tfjs-node backend active
 */
export function nativeKernels(tf: TensorFlow): Kernels {
  known ??= findKernels(tf);
  return known;
}

let known: Kernels | undefined;

function findKernels(tf: TensorFlow): Kernels {
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const prepare: Kernels['prepare'] = (name, attributes, outputs = 1) => {
    const list = Object.entries(attributes).map(([key, { kind, value }]) => ({
      name: key,
      type: binding[`TF_ATTR_${kind}`],
      value: kind === 'TYPE' ? binding[`TF_${value}`] : value,
    }));
    return (...inputs) => backend.executeMultipleOutputs(name, list, inputs, outputs);
  };
  const integers = new Map<number, Tensor>();
  const int64 = (value: number): Tensor => {
    let tensor = integers.get(value);
    if (!tensor) {
      const id = binding.createTensor([], binding.TF_INT64, Int32Array.of(value, 0));
      const dataId = {};
      const handle = { id, shape: [], dtype: binding.TF_INT64, values: null, refCount: 1 };
      backend.tensorMap.set(dataId, handle);
      tensor = tf.keep(tf.engine().makeTensorFromTensorInfo({ dataId, shape: [], dtype: 'int32' }));
      integers.set(value, tensor);
    }
    return tensor;
  };
  return { tf, prepare, int64, hasPoolingWorkspace: tf.tidy(() => tryPoolingWorkspace(tf, prepare)) };
}

/** oneDNN's kernels are in most x86 builds of TensorFlow, but not in all builds. */
function tryPoolingWorkspace(tf: TensorFlow, prepare: Kernels['prepare']): boolean {
  try {
    const pooling = prepare('_MklNativeMaxPool', poolingAttributes([1, 2], [1, 2], 'SAME', true), 2);
    return pooling(tf.tensor4d([3, 1], [1, 1, 2, 1]))[0].dataSync()[0] === 3;
  } catch {
    return false;
  }
}

/** Attributes of the max-pooling kernels; `withWorkspace` for those of oneDNN. */
export function poolingAttributes(
  size: readonly [number, number],
  strides: readonly [number, number],
  padding: 'SAME' | 'VALID',
  withWorkspace: boolean,
): Record<string, Attribute> {
  return {
    T: type('FLOAT'),
    ksize: int([1, ...size, 1]),
    strides: int([1, ...strides, 1]),
    padding: text(padding),
    data_format: text('NHWC'),
    ...(withWorkspace && { workspace_enabled: bool(true), _kernel: text('MklNameChangeOp') }),
  };
}

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
