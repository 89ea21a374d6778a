import type { LayersModel, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { bool, type Kernels, type } from '../kernels';
import type { LayerNode } from '../layer-graph';
import type { BatchGradients, Network, StepOptions } from '../network';
import { fuseLayer } from './fuse-layer';
import type { FusedLayer, Pass, Result } from './fused-layer';

interface FusedNode {
  name: string;
  run: FusedLayer;
  inputs: number[];
  /** how many other nodes read it */
  readers: number;
  /** whether a weight lies behind it: else nobody needs gradients by its output */
  learns: boolean;
  /** where its weights' gradients go in the model's `trainableWeights` */
  weights: number[];
}

/**
 * A network on TensorFlow's own kernels, forward and backward, with the memory of an activation freed as soon as nobody
 * needs it.
 *
 * @returns undefined if one of the layers is not to be had so
 */
export function fusedNetwork(
  kernels: Kernels,
  model: LayersModel,
  graph: readonly LayerNode[],
  dropoutMask: (shape: number[], rate: number, layer: number, step: number) => Tensor,
): Network | undefined {
  const nodes = fuseNodes(kernels, model, graph);
  if (!nodes) return undefined;
  const { tf } = kernels;
  const crossEntropy = kernels.prepare('SoftmaxCrossEntropyWithLogits', { T: type('FLOAT') }, 2);
  const softmax = kernels.prepare('Softmax', { T: type('FLOAT') });
  const mean = kernels.prepare('Mean', { T: type('FLOAT'), Tidx: type('INT32'), keep_dims: bool(false) });

  /** Runs all layers; in training the ways back are kept. @returns the logits */
  const forward = (x: Tensor, options?: StepOptions): { logits: Tensor; results: Result[] } => {
    const training = options !== undefined;
    // A sequence is a picture of height 1; rows of numbers stay what they are.
    const input = x.rank === 3 ? x.expandDims(1) : x.clone();
    const outputs: Tensor[] = [input];
    const results: Result[] = [{ output: input }];
    const unread = nodes.map(({ readers }) => readers);
    for (let i = 1; i < nodes.length; i++) {
      const { name, run, inputs } = nodes[i];
      const started = performance.now();
      const pass: Pass = {
        training,
        needsInputGradient: inputs.some((index) => nodes[index].learns),
        dropoutMask: (shape, rate) => dropoutMask(shape, rate, i, options!.step),
      };
      const result = run(
        inputs.map((index) => outputs[index]),
        pass,
      );
      options?.onLayer?.(name, 'forward', performance.now() - started);
      outputs.push(result.output);
      results.push(training ? result : { output: result.output });
      for (const index of inputs) if (--unread[index] === 0) outputs[index].dispose();
    }
    return { logits: outputs[nodes.length - 1], results };
  };

  const backward = (
    results: readonly Result[],
    dLogits: Tensor,
    onLayer: StepOptions['onLayer'],
  ): Tensor[] => {
    const weights: Tensor[] = [];
    const gradients = nodes.map((): Tensor | undefined => undefined);
    gradients[nodes.length - 1] = dLogits;
    for (let i = nodes.length - 1; i > 0; i--) {
      const dy = gradients[i];
      // Nothing that learns lies behind it.
      if (!dy || !nodes[i].learns) continue;
      const started = performance.now();
      const back = results[i].backward!(dy);
      onLayer?.(nodes[i].name, 'backward', performance.now() - started);
      dy.dispose();
      for (const [k, weight] of nodes[i].weights.entries()) {
        // A 1-D convolution's filter has no height in the model.
        weights[weight] = back.weights[k].reshape(model.trainableWeights[weight].shape as number[]);
      }
      for (const [k, dx] of back.inputs.entries()) {
        const index = nodes[i].inputs[k];
        const before = gradients[index];
        if (before && dx) {
          gradients[index] = before.add(dx);
          tf.dispose([before, dx]);
        } else gradients[index] = before ?? dx;
      }
    }
    return weights;
  };

  return {
    path: 'fused',
    model,
    predict: (x) => tf.tidy(() => softmax(forward(x).logits)[0] as Tensor2D),
    gradients: ({ x, targets, weights }, options) =>
      tf.tidy((): BatchGradients => {
        const { logits, results } = forward(x, options);
        const [losses, dLogits] = crossEntropy(logits, targets);
        const [probabilities] = softmax(logits) as [Tensor2D];
        const rows = x.shape[0];
        const shares = weights ? weights.div(rows) : tf.fill([rows], 1 / rows);
        const [loss] = weights ? [losses.mul(shares).sum()] : mean(losses, tf.tensor1d([0], 'int32'));
        const gradient = dLogits.mul(shares.expandDims(1));
        tf.dispose([logits, dLogits]);
        return { loss, probabilities, gradients: backward(results, gradient, options.onLayer) };
      }),
  };
}

function fuseNodes(
  kernels: Kernels,
  model: LayersModel,
  graph: readonly LayerNode[],
): FusedNode[] | undefined {
  const { layer: last } = graph[graph.length - 1];
  const places = new Map(model.trainableWeights.map((weight, i) => [weight.id, i]));
  const nodes: FusedNode[] = [];
  for (const { layer, inputs } of graph) {
    const run = inputs.length === 0 ? inputLayer : fuseLayer(kernels, layer, layer === last);
    const trainable = layer.trainableWeights.map(({ id }) => places.get(id));
    // A layer that is frozen in part is not.
    if (!run || !trainable.every((place) => place !== undefined)) return undefined;
    if (layer.trainableWeights.length < layer.weights.filter(({ trainable: is }) => is).length)
      return undefined;
    const learns = trainable.length > 0 || inputs.some((index) => nodes[index].learns);
    nodes.push({ name: layer.name, run, inputs, readers: 0, learns, weights: trainable });
    for (const index of inputs) nodes[index].readers++;
  }
  const endsInSoftmax = (last.getConfig() as { activation?: string }).activation === 'softmax';
  return endsInSoftmax && last.getClassName() === 'Dense' ? nodes : undefined;
}

const inputLayer: FusedLayer = ([x]) => ({ output: x });
