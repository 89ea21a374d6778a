import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './engine';

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
