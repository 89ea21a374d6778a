import type { LayersModel, SymbolicTensor, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';

/** A batch to learn from. */
export interface Batch {
  /** shape [rows, …the model's input], of rank 3 or 4 */
  x: Tensor;
  /** what each row should be said to be, summing to 1 a row; soft targets are welcome; shape [rows, classes] */
  targets: Tensor2D;
  /** weight of each row in the loss; default 1; shape [rows] */
  weights?: Tensor1D;
}

/** What one look at a batch gives. The caller disposes of all of it. (A type, not an interface, so that `tf.tidy` takes it.) */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- see above
export type BatchGradients = {
  /** mean over the rows of weight · cross-entropy; shape [] */
  loss: Tensor;
  /** of the network in training, dropout at work; shape [rows, classes] */
  probabilities: Tensor2D;
  /** of the loss by each of the model's `trainableWeights`, in their order and shapes */
  gradients: Tensor[];
};

/** What differs from step to step besides the batch. */
export interface StepOptions {
  /** number of the step: dropout masks follow from it, the layer and the network's seed */
  step: number;
  /** told after each layer how long it took; by the fused path only */
  onLayer?: (layer: string, direction: 'forward' | 'backward', ms: number) => void;
}

/**
 * A classifier on an engine: a TensorFlow.js model whose last layer is a softmax, and the fastest way there is to
 * compute its gradients and its predictions. Weights live in the model.
 */
export interface Network {
  /** `fused`: TensorFlow's own kernels, forward and backward; `composed`: TensorFlow.js's operations and its gradients */
  path: 'fused' | 'composed';
  model: LayersModel;
  /** Learning statistics of batch normalisation are updated in the model. */
  gradients: (batch: Batch, options: StepOptions) => BatchGradients;
  /** @returns probabilities, shape [rows, classes] */
  predict: (x: Tensor) => Tensor2D;
}

/** The keep-or-drop mask of a dropout layer: 0 or 1 / (1 − rate). */
export type DropoutMask = (
  shape: number[],
  rate: number,
  where: { seed: number; layer: number; step: number },
) => Tensor;

/** @param seed - of the dropout masks */
export interface NetworkOptions {
  seed?: number;
  /** in place of the path's own source of masks; tests compare paths under the same masks */
  dropoutMask?: DropoutMask;
}

type Layer = LayersModel['layers'][number];

/** A layer of a model and where its inputs come from. */
export interface LayerNode {
  layer: Layer;
  /** indices of the nodes whose outputs it reads */
  inputs: number[];
}

/**
 * A model's layers, each after those that it reads. The first is the input.
 *
 * @returns undefined for what this project's networks never are: several inputs or outputs, a layer that is used twice, a
 *   model inside a model
 */
export function layerGraph(model: LayersModel): LayerNode[] | undefined {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) return undefined;
  const nodes: LayerNode[] = [];
  const found = new Map<Layer, number>();
  const visit = (tensor: SymbolicTensor): number | undefined => {
    const layer = tensor.sourceLayer;
    const known = found.get(layer);
    if (known !== undefined) return known;
    if (layer.inboundNodes.length !== 1) return undefined;
    const inputs = layer.getClassName() === 'InputLayer' ? [] : layer.inboundNodes[0].inputTensors.map(visit);
    if (!inputs.every((input) => input !== undefined)) return undefined;
    found.set(layer, nodes.length);
    return nodes.push({ layer, inputs }) - 1;
  };
  return visit(model.outputs[0]) === undefined ? undefined : nodes;
}
