import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';

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
