import type { LayersModel, Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { bool, type Kernels, type } from '../kernels';
import type { BatchGradients, LayerNode, Network, StepOptions } from '../network';
import {
  type BatchNormalizationOptions,
  fusedBatchNormalization,
  fusedConcatenate,
  fusedDropout,
  fusedFlatten,
  type FusedLayer,
  fusedRelu,
  isFusedActivation,
  isIncreasing,
  type Pass,
  type Result,
} from './fused-layer';
import { fusedConvolution, fusedGlobalPooling, fusedMaxPooling } from './convolution';
import { fusedDense, fusedLstm } from './dense-lstm';
import { fusedStatistics } from './statistics';

interface FusedNode {
  name: string;
  run: FusedLayer;
  inputs: number[];
  /** number of nodes that read its output */
  readers: number;
  /** whether this layer or one before it is trainable, so that gradients with respect to its output are needed */
  isTrained: boolean;
  /** indices of its weights in the model's `trainableWeights` */
  weights: number[];
}

/**
 * A network on TensorFlow's own kernels, forward and backward. The memory of each activation is freed as soon as possible.
 *
 * @returns undefined if a layer is not supported
 */
export function fusedNetwork(
  kernels: Kernels,
  model: LayersModel,
  graph: readonly LayerNode[],
  dropoutMask: (shape: number[], rate: number, layer: number, step: number | Scalar) => Tensor,
): Omit<Network, 'isRecordable'> | undefined {
  const nodes = fuseNodes(kernels, model, graph);
  if (!nodes) return undefined;
  const { tf } = kernels;
  const crossEntropy = kernels.prepare('SoftmaxCrossEntropyWithLogits', { T: type('FLOAT') }, 2);
  const softmax = kernels.prepare('Softmax', { T: type('FLOAT') });
  const mean = kernels.prepare('Mean', { T: type('FLOAT'), Tidx: type('INT32'), keep_dims: bool(false) });

  /** Runs all layers; with options (in training) keeps what the backward pass needs. @returns the logits */
  const forward = (x: Tensor, options?: StepOptions): { logits: Tensor; results: Result[] } => {
    const training = options !== undefined;
    // Sequences get height 1; vectors are not reshaped.
    const [rows, ...rest] = x.shape;
    const input = x.rank === 3 ? x.reshape([rows, 1, ...rest]) : x.clone();
    const outputs: Tensor[] = [input];
    const results: Result[] = [{ output: input }];
    const pendingReaders = nodes.map(({ readers }) => readers);
    for (let i = 1; i < nodes.length; i++) {
      const { name, run, inputs } = nodes[i];
      const started = performance.now();
      const pass: Pass = {
        training,
        needsInputGradient: inputs.some((index) => nodes[index].isTrained),
        dropoutMask: (shape, rate) => dropoutMask(shape, rate, i, options!.step),
      };
      const result = run(
        inputs.map((index) => outputs[index]),
        pass,
      );
      options?.onLayer?.(name, 'forward', performance.now() - started);
      outputs.push(result.output);
      results.push(training ? result : { output: result.output });
      for (const index of inputs) if (--pendingReaders[index] === 0) outputs[index].dispose();
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
      if (!dy || !nodes[i].isTrained) continue;
      const started = performance.now();
      const layerGradients = results[i].backward!(dy);
      onLayer?.(nodes[i].name, 'backward', performance.now() - started);
      dy.dispose();
      for (const [k, weight] of nodes[i].weights.entries()) {
        // In the model, the filter of a 1-D convolution has no height.
        weights[weight] = layerGradients.weights[k].reshape(model.trainableWeights[weight].shape as number[]);
      }
      for (const [k, dx] of layerGradients.inputs.entries()) {
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

  const postponed = graph.flatMap((_, i) => postponedNormalization(graph, i) ?? []);
  return {
    path: 'fused',
    model,
    predictionOrder: () => postponed.map((layer) => Number(isIncreasing(normalizationOf(layer)!))).join(''),
    predict: (x) => tf.tidy(() => softmax(forward(x).logits)[0] as Tensor2D),
    gradients: ({ x, targets, weights }, options) =>
      tf.tidy((): BatchGradients => {
        const { logits, results } = forward(x, options);
        const [losses, dLogits] = crossEntropy(logits, targets);
        const [probabilities] = softmax(logits) as [Tensor2D];
        const rows = x.shape[0];
        const shares = weights ? weights.div(rows) : tf.fill([rows], 1 / rows);
        const [loss] = weights ? [losses.mul(shares).sum()] : mean(losses, tf.tensor1d([0], 'int32'));
        const gradient = dLogits.mul(shares.reshape([rows, 1]));
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
  const indexOf = new Map(model.trainableWeights.map((weight, i) => [weight.id, i]));
  const nodes: FusedNode[] = [];
  for (const [i, { layer, inputs }] of graph.entries()) {
    const place = {
      isOutput: layer === last,
      normalizedBy: normalizationAfter(graph, i),
      isDoneByNeighbour:
        normalizationAfter(graph, inputs.at(0)) === layer || postponedNormalization(graph, i) !== undefined,
      normalizedAfter: postponedNormalization(graph, inputs.at(0)),
    };
    const run = inputs.length === 0 ? inputLayer : fuseLayer(kernels, layer, place);
    const trainable = layer.trainableWeights.map(({ id }) => indexOf.get(id));
    // Partly frozen layers are not supported.
    if (!run || !trainable.every((index) => index !== undefined)) return undefined;
    if (layer.trainableWeights.length < layer.weights.filter(({ trainable: is }) => is).length)
      return undefined;
    const isTrained = trainable.length > 0 || inputs.some((index) => nodes[index].isTrained);
    nodes.push({ name: layer.name, run, inputs, readers: 0, isTrained, weights: trainable });
    for (const index of inputs) nodes[index].readers++;
  }
  const endsInSoftmax = (last.getConfig() as { activation?: string }).activation === 'softmax';
  return endsInSoftmax && last.getClassName() === 'Dense' ? nodes : undefined;
}

const inputLayer: FusedLayer = ([x]) => ({ output: x });

type Layer = LayersModel['layers'][number];

/** The fields of `getConfig` that the fused layers use. */
interface LayerConfig {
  activation?: string;
  recurrentActivation?: string;
  units?: number;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  recurrentDropout?: number;
  dropout?: number;
  useBias?: boolean;
  strides?: number | number[];
  poolSize?: number | number[];
  factor?: number;
  padding?: string;
  dilationRate?: number | number[];
  dataFormat?: string;
  rate?: number;
  noiseShape?: unknown;
  momentum?: number;
  epsilon?: number;
  axis?: number;
  center?: boolean;
  scale?: boolean;
}

/** A layer's place in the network. */
interface Place {
  /** whether this is the last layer; its softmax is part of the loss */
  isOutput: boolean;
  /** of a linear convolution: the batch normalisation of its output, if no other layer uses the output */
  normalizedBy?: Layer;
  /** of a batch normalisation: whether the layer before or after it normalises in prediction */
  isDoneByNeighbour: boolean;
  /** of max-pooling: the batch normalisation of its input, which it does in prediction */
  normalizedAfter?: Layer;
}

/** The only layer that reads the output of a layer; undefined if there are several. */
function onlyReader(graph: readonly LayerNode[], index: number): Layer | undefined {
  const readers = graph.filter(({ inputs }) => inputs.includes(index));
  return readers.length === 1 ? readers[0].layer : undefined;
}

/** The batch normalisation after a linear convolution; undefined if there is none, or if another layer uses the output, too. */
function normalizationAfter(graph: readonly LayerNode[], index?: number): Layer | undefined {
  if (index === undefined) return undefined;
  const { layer } = graph[index];
  const isLinear = [undefined, 'linear'].includes((layer.getConfig() as LayerConfig).activation);
  if (!['Conv1D', 'Conv2D'].includes(layer.getClassName()) || !isLinear) return undefined;
  const reader = onlyReader(graph, index);
  return reader?.getClassName() === 'BatchNormalization' ? reader : undefined;
}

/** The layer, if it is a batch normalisation that is not folded, and if only max-pooling uses its output. */
function postponedNormalization(graph: readonly LayerNode[], index?: number): Layer | undefined {
  if (index === undefined) return undefined;
  const { layer, inputs } = graph[index];
  const isPooled = /^MaxPooling[12]D$/.test(onlyReader(graph, index)?.getClassName() ?? '');
  const isFolded = normalizationAfter(graph, inputs.at(0)) === layer;
  return layer.getClassName() === 'BatchNormalization' && isPooled && !isFolded ? layer : undefined;
}

/** @returns undefined if a setting is not supported */
function normalizationOf(layer: Layer): BatchNormalizationOptions | undefined {
  const {
    momentum = 0.99,
    epsilon = 1e-3,
    axis = -1,
    center = true,
    scale = true,
  } = layer.getConfig() as LayerConfig;
  const lastAxis = (layer.input as { shape: unknown[] }).shape.length - 1;
  if (!center || !scale || (axis !== -1 && axis !== lastAxis)) return undefined;
  const [gamma, beta, movingMean, movingVariance] = layer.weights;
  return {
    gamma: () => gamma.read(),
    beta: () => beta.read(),
    movingMean,
    movingVariance,
    momentum,
    epsilon,
  };
}

/**
 * The fused version of a TensorFlow.js layer, with the same weights.
 *
 * @returns undefined if the layer or one of its settings is not supported; the whole network is then composed
 */
function fuseLayer(
  kernels: Kernels,
  layer: Layer,
  { isOutput, normalizedBy, isDoneByNeighbour, normalizedAfter }: Place,
): FusedLayer | undefined {
  const config = layer.getConfig() as LayerConfig;
  const { weights } = layer;
  const read =
    (index: number): (() => Tensor) =>
    () =>
      weights[index].read();
  const bias = config.useBias === true ? read(1) : undefined;
  const padding = config.padding === 'same' ? 'SAME' : 'VALID';
  const { activation } = config;
  if (config.dataFormat === 'channelsFirst' || config.padding === 'causal') return undefined;

  switch (layer.getClassName()) {
    case 'Conv1D':
    case 'Conv2D': {
      if (!isFusedActivation(activation) || pair(config.dilationRate ?? 1).some((rate) => rate !== 1))
        return undefined;
      const filter = (): Tensor4D => {
        const value = weights[0].read();
        return value.rank === 4
          ? (value as Tensor4D)
          : value.reshape([1, ...value.shape] as [number, number, number, number]);
      };
      const strides = pair(config.strides ?? 1);
      const normalization = normalizedBy && normalizationOf(normalizedBy);
      return fusedConvolution(kernels, { filter, bias, strides, padding, activation, normalization });
    }
    case 'BatchNormalization': {
      const options = normalizationOf(layer);
      return options && fusedBatchNormalization(kernels, options, isDoneByNeighbour);
    }
    case 'ReLU':
    case 'Activation':
      return layer.getClassName() === 'ReLU' || activation === 'relu' ? fusedRelu(kernels) : undefined;
    case 'MaxPooling1D':
    case 'MaxPooling2D': {
      const size = pair(config.poolSize ?? 2);
      const normalization = normalizedAfter && normalizationOf(normalizedAfter);
      return fusedMaxPooling(kernels, {
        size,
        strides: pair(config.strides ?? size),
        padding,
        normalization,
      });
    }
    case 'Dropout':
      return config.noiseShape ? undefined : fusedDropout(kernels, config.rate ?? 0);
    case 'Flatten':
      return fusedFlatten;
    case 'Concatenate':
      return fusedConcatenate(kernels.tf);
    case 'GlobalAveragePooling1D':
    case 'GlobalAveragePooling2D':
      return fusedGlobalPooling(kernels, 'mean');
    case 'GlobalMaxPooling1D':
    case 'GlobalMaxPooling2D':
      return fusedGlobalPooling(kernels, 'max');
    case 'StatisticsPooling':
      return fusedStatistics(kernels.tf, config.factor ?? 1);
    case 'Dense': {
      const linear = isOutput && activation === 'softmax' ? 'linear' : activation;
      if (!isFusedActivation(linear) || (layer.input as { shape: unknown[] }).shape.length !== 2)
        return undefined;
      return fusedDense(kernels, { matrix: read(0), bias, activation: linear });
    }
    case 'LSTM': {
      const { units = 0, returnSequences = false, returnState, goBackwards, stateful } = config;
      const isPlain = activation === 'tanh' && config.recurrentActivation === 'sigmoid' && config.useBias;
      const drops = (config.dropout ?? 0) > 0 || (config.recurrentDropout ?? 0) > 0;
      if (!isPlain || drops || returnState || goBackwards || stateful) return undefined;
      const [matrix, recurrent, biases] = [0, 1, 2].map(read);
      return fusedLstm(kernels, { units, matrix, recurrent, bias: biases, returnSequences });
    }
    default:
      return undefined;
  }
}

/** A size as [height, width]; a single number is a width. */
function pair(value: number | number[]): [number, number] {
  const list = typeof value === 'number' ? [value] : value;
  return list.length === 1 ? [1, list[0]] : [list[0], list[1]];
}
