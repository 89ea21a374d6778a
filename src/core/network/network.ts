import type * as tfjs from '@tensorflow/tfjs';
import type { LayersModel, Scalar, SymbolicTensor, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';

/** The TensorFlow.js API, whichever engine runs it. */
export type TensorFlow = typeof tfjs;

/** `native`: TensorFlow's C library through tfjs-node; `wasm`: the WebAssembly backend, which is slower but runs everywhere. */
export const engineNames = ['native', 'wasm'] as const;
export type EngineName = (typeof engineNames)[number];

/** A loaded TensorFlow. */
export interface Engine {
  name: EngineName;
  tf: TensorFlow;
  /** for run records and reports, for example `TensorFlow 2.21.0 through tfjs-node 4.22.0` */
  version: string;
  /** number of CPU threads that its kernels may use */
  threads: number;
}

/** A batch of training rows. */
export interface Batch {
  /** shape [rows, …the model's input], of rank 3 or 4 */
  x: Tensor;
  /** target probabilities, hard or soft, which sum to 1 in each row; shape [rows, classes] */
  targets: Tensor2D;
  /** weight of each row in the loss; default 1; shape [rows] */
  weights?: Tensor1D;
}

/** Result of one forward and backward pass. The caller disposes all tensors. (A type, not an interface, for `tf.tidy`.) */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- see above
export type BatchGradients = {
  /** mean over the rows of weight · cross-entropy; shape [] */
  loss: Tensor;
  /** in training mode, with dropout; shape [rows, classes] */
  probabilities: Tensor2D;
  /** gradient of the loss for each of the model's `trainableWeights`, in the same order and shapes */
  gradients: Tensor[];
};

/** Options of one training step. */
export interface StepOptions {
  /** step number, from which dropout masks depend besides layer and the network's seed; in a recorded step, an int32 tensor */
  step: number | Scalar;
  /** called with the duration of each layer; fused path only */
  onLayer?: (layer: string, direction: 'forward' | 'backward', ms: number) => void;
}

/**
 * A classifier on an engine: a TensorFlow.js model that ends in a softmax, with functions that compute gradients and predictions.
 * The weights are stored in the model.
 */
export interface Network {
  /** `fused`: TensorFlow's own kernels, forward and backward; `composed`: TensorFlow.js operations and gradients */
  path: 'fused' | 'composed';
  model: LayersModel;
  /** whether a training step consists of TensorFlow operations only, so that it can be recorded as a graph */
  isRecordable: boolean;
  /** Also updates the moving statistics of batch normalisation in the model. */
  gradients: (batch: Batch, options: StepOptions) => BatchGradients;
  /** @returns probabilities, shape [rows, classes] */
  predict: (x: Tensor) => Tensor2D;
  /** Identifies the operations of `predict`, which may depend on the signs of weights. */
  predictionOrder?: () => string;
}

/** Returns the mask of a dropout layer: each value is 0 or 1 / (1 − rate). */
export type DropoutMask = (
  shape: number[],
  rate: number,
  where: { seed: number; layer: number; step: number | Scalar },
) => Tensor;

/** Options of `createNetwork`. */
export interface NetworkOptions {
  /** seed of the dropout masks; default 0 */
  seed?: number;
  /** replaces the path's own dropout masks, so that tests can compare paths under the same masks */
  dropoutMask?: DropoutMask;
}

type Layer = LayersModel['layers'][number];

/** A layer of a model and its inputs. */
export interface LayerNode {
  layer: Layer;
  /** indices of the nodes that provide its inputs */
  inputs: number[];
}

/**
 * The layers of a model in topological order, starting with the input layer.
 *
 * @returns undefined if the model has several inputs or outputs, uses a layer twice, or contains another model
 */
export function layerGraph(model: LayersModel): LayerNode[] | undefined {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) return undefined;
  const nodes: LayerNode[] = [];
  const indexOf = new Map<Layer, number>();
  const visit = (tensor: SymbolicTensor): number | undefined => {
    const layer = tensor.sourceLayer;
    const known = indexOf.get(layer);
    if (known !== undefined) return known;
    if (layer.inboundNodes.length !== 1) return undefined;
    const inputs = layer.getClassName() === 'InputLayer' ? [] : layer.inboundNodes[0].inputTensors.map(visit);
    if (!inputs.every((input) => input !== undefined)) return undefined;
    indexOf.set(layer, nodes.length);
    return nodes.push({ layer, inputs }) - 1;
  };
  return visit(model.outputs[0]) === undefined ? undefined : nodes;
}
