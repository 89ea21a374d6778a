import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { composedDropoutMask, composedNetwork } from './composed-network';
import type { Engine } from './engine';
import { fusedDropoutMask } from './fused/dropout-mask';
import { fusedNetwork } from './fused/fused-network';
import { nativeKernels } from './kernels';
import { layerGraph } from './layer-graph';
import type { DropoutMask, Network, NetworkOptions } from './network';

/**
 * The fastest way to train and run a model on an engine: TensorFlow's fused kernels where the engine is native and knows
 * all of the model's layers, else TensorFlow.js's own operations. Both compute the same.
 *
 * @param model - one input, of rank 3 or 4 with the rows; one output: a softmax over classes
 * @param options - `seed` of the dropout masks, default 0; `path` to force `composed`
 */
export function createNetwork(
  { name, tf }: Engine,
  model: LayersModel,
  { seed = 0, path, dropoutMask }: NetworkOptions & { path?: 'composed' } = {},
): Network {
  const masks =
    (own: DropoutMask) =>
    (shape: number[], rate: number, layer: number, step: number): Tensor =>
      (dropoutMask ?? own)(shape, rate, { seed, layer, step });
  const graph = layerGraph(model);
  if (name === 'native' && path !== 'composed' && graph) {
    const kernels = nativeKernels(tf);
    const network = fusedNetwork(kernels, model, graph, masks(fusedDropoutMask(kernels)));
    if (network) return network;
  }
  return composedNetwork(tf, model, graph, masks(composedDropoutMask(tf)));
}
