import type { LayersModel, Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import { createRandom } from '../base';
import {
  type BatchGradients,
  type DropoutMask,
  type Engine,
  layerGraph,
  type LayerNode,
  type Network,
  type NetworkOptions,
  type TensorFlow,
} from './network';
import { fusedDropoutMask } from './fused/fused-layer';
import { fusedNetwork } from './fused/fused-network';
import { nativeKernels } from './kernels';

/**
 * Prepares a model for training and prediction on an engine. Uses TensorFlow's fused kernels if the engine is native and supports
 * every layer of the model, and TensorFlow.js operations otherwise. Both paths compute the same function.
 *
 * @param model - one input of rank 3 or 4 (including the rows), one output: a softmax over classes
 * @param options - `seed` of the dropout masks, default 0; `path: 'composed'` to avoid the fused kernels
 * @example
 * ```ts
 * const network = createNetwork(engine, compactCnn(engine.tf), { seed: 1 });
 * const probabilities = network.predict(batch);
 * ```
 */
export function createNetwork(
  { name, tf }: Engine,
  model: LayersModel,
  { seed = 0, path, dropoutMask }: NetworkOptions & { path?: 'composed' } = {},
): Network {
  const masks =
    (own: DropoutMask) =>
    (shape: number[], rate: number, layer: number, step: number | Scalar): Tensor =>
      (dropoutMask ?? own)(shape, rate, { seed, layer, step });
  const graph = layerGraph(model);
  if (name === 'native' && path !== 'composed' && graph) {
    const kernels = nativeKernels(tf);
    const network = fusedNetwork(kernels, model, graph, masks(fusedDropoutMask(kernels)));
    if (network) return { ...network, isRecordable: dropoutMask === undefined };
  }
  return composedNetwork(tf, model, graph, masks(composedDropoutMask(tf)));
}

/** The size of the batches into which TensorFlow.js divides rows in prediction. */
const fewRows = 32;

/**
 * A network of TensorFlow.js layers and gradients, for any engine and any layer. Only dropout is computed here, because
 * TensorFlow.js's dropout layer cannot be seeded for each step.
 *
 * @param graph - undefined: dropout is left to TensorFlow.js
 */
function composedNetwork(
  tf: TensorFlow,
  model: LayersModel,
  graph: readonly LayerNode[] | undefined,
  dropoutMask: (shape: number[], rate: number, layer: number, step: number | Scalar) => Tensor,
): Network {
  const apply = (x: Tensor, step: number | Scalar): Tensor2D => {
    if (!graph) return model.apply(x, { training: true }) as Tensor2D;
    const outputs = [x];
    for (const [i, { layer, inputs }] of graph.entries()) {
      if (i === 0) continue;
      const values = inputs.map((index) => outputs[index]);
      const { rate = 0 } = layer.getConfig() as { rate?: number };
      const isDropout = layer.getClassName() === 'Dropout' && rate > 0;
      outputs.push(
        isDropout
          ? values[0].mul(dropoutMask(values[0].shape, rate, i, step))
          : (layer.apply(values.length === 1 ? values[0] : values, { training: true }) as Tensor),
      );
    }
    return outputs[graph.length - 1] as Tensor2D;
  };
  const trainable = model.trainableWeights.map((weight) => weight.read() as unknown as Variable);

  return {
    path: 'composed',
    model,
    isRecordable: false,
    // `predict` splits large batches, which saves memory; for few rows that takes a tenth of the time.
    predict: (x) =>
      tf.tidy(
        () => (x.shape[0] > fewRows ? model.predict(x) : model.apply(x, { training: false })) as Tensor2D,
      ),
    gradients: ({ x, targets, weights }, { step }) =>
      tf.tidy((): BatchGradients => {
        let kept: Tensor2D | undefined;
        const { value: loss, grads } = tf.variableGrads(() => {
          const probabilities = apply(x, step);
          kept = tf.keep<Tensor2D>(probabilities.clone());
          const losses = targets.mul(probabilities.clipByValue(1e-7, 1).log()).sum(1).neg();
          return (weights ? losses.mul(weights) : losses).mean<Scalar>();
        }, trainable);
        const probabilities = kept!.clone();
        kept!.dispose();
        return { loss, probabilities, gradients: trainable.map(({ name }) => grads[name]) };
      }),
  };
}

/** Masks from the project's seeded generator, the same on every engine. */
function composedDropoutMask(tf: TensorFlow): DropoutMask {
  return (shape, rate, { seed, layer, step }) => {
    const random = createRandom(`dropout/${seed}/${layer}/${String(step)}`);
    const keep = 1 / (1 - rate);
    const size = shape.reduce((product, length) => product * length, 1);
    const mask = new Float32Array(size);
    for (let i = 0; i < size; i++) mask[i] = random.uniform() < rate ? 0 : keep;
    return tf.tensor(mask, shape);
  };
}
