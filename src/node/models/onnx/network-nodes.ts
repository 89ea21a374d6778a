import { WorkbenchError } from '../../../core/base';
import { type NetworkLayer, varianceEpsilon } from '../../../core/network';
import type { Graph, Value } from './graph';

/** The weights of a network by name: `conv1d_1/kernel`. */
export type Weights = ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;

/** The kinds of layer that have an equivalent in ONNX. */
export const exportableLayers: readonly NetworkLayer['class_name'][] = [
  'InputLayer',
  'Conv1D',
  'Conv2D',
  'MaxPooling1D',
  'MaxPooling2D',
  'GlobalAveragePooling1D',
  'GlobalAveragePooling2D',
  'GlobalMaxPooling1D',
  'GlobalMaxPooling2D',
  'StatisticsPooling',
  'BatchNormalization',
  'ReLU',
  'Dropout',
  'Flatten',
  'Concatenate',
  'Dense',
  'LSTM',
];

/** The output of a layer. */
interface Output {
  /** with channels first: [rows, channels, …positions]; a vector is [rows, values] */
  value: Value;
  /** as in TensorFlow.js, without the rows and with channels last */
  shape: readonly number[];
}

/**
 * Adds the layers of a network. Convolution and pooling in ONNX have channels first, so the input is transposed once, and again before
 * layers that depend on the order.
 *
 * @param input - [rows, …inputShape], channels last
 * @returns probabilities, [rows, classes]
 * @throws {@link WorkbenchError} that names a layer without an equivalent in ONNX
 */
export function addNetwork(
  graph: Graph,
  layers: readonly NetworkLayer[],
  weights: Weights,
  input: Value,
): Value {
  const outputs = new Map<string, Output>();
  for (const layer of layers) {
    if (layer.class_name === 'InputLayer') {
      const shape = layer.config.batch_input_shape.slice(1) as number[];
      outputs.set(layer.name, { value: channelsFirst(graph, input, shape), shape });
      continue;
    }
    const inputs = layer.inbound_nodes[0].map(([from]) => outputs.get(from)!);
    outputs.set(layer.name, addLayer(graph, layer, inputs, weights));
  }
  return outputs.get(layers[layers.length - 1].name)!.value;
}

const channelsFirst = (graph: Graph, value: Value, shape: readonly number[]): Value =>
  shape.length === 1
    ? value
    : graph.transpose(value, 0, shape.length, ...shape.slice(1).map((_, i) => i + 1));

function addLayer(graph: Graph, layer: NetworkLayer, inputs: readonly Output[], weights: Weights): Output {
  const [{ value, shape }] = inputs;
  const channels = shape[shape.length - 1];
  const positions = shape.slice(0, -1);
  const weight = (part: string): Float32Array => weights.get(`${layer.name}/${part}`)!.data;
  switch (layer.class_name) {
    case 'Conv1D':
    case 'Conv2D': {
      const { filters, use_bias, activation, kernel_size, strides } = layer.config;
      const size = kernel_size as number[];
      const sliding = slide(positions, { ...layer.config, size, strides: strides as number[] });
      const kernel = kernelOf(weight('kernel'), size, channels, filters);
      const parts = [value, graph.floats(kernel, [filters, channels, ...size])];
      if (use_bias) parts.push(graph.floats(weight('bias')));
      const convolved = graph.op('Conv', parts, sliding.attributes);
      return { value: activate(graph, convolved, activation), shape: [...sliding.output, filters] };
    }
    case 'MaxPooling1D':
    case 'MaxPooling2D': {
      const { pool_size, strides } = layer.config;
      const options = { ...layer.config, size: pool_size as number[], strides: strides as number[] };
      const { attributes, output } = slide(positions, options);
      return { value: graph.op('MaxPool', [value], attributes), shape: [...output, channels] };
    }
    case 'GlobalAveragePooling1D':
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling1D':
    case 'GlobalMaxPooling2D': {
      const op = layer.class_name.startsWith('GlobalMax') ? 'ReduceMax' : 'ReduceMean';
      const axes = positions.map((_, i) => i + 2);
      return { value: graph.op(op, [value], { axes, keepdims: 0 }), shape: [channels] };
    }
    case 'StatisticsPooling':
      return addStatistics(graph, inputs, layer.config.factor);
    case 'BatchNormalization': {
      const parts = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) =>
        graph.floats(weight(part)),
      );
      const attributes = { epsilon: { float: layer.config.epsilon } };
      return { value: graph.op('BatchNormalization', [value, ...parts], attributes), shape };
    }
    case 'ReLU':
      return { value: graph.op('Relu', [value]), shape };
    case 'Dropout':
      return { value, shape };
    case 'Flatten': {
      const size = shape.reduce((product, length) => product * length, 1);
      const last =
        shape.length === 1 ? value : graph.transpose(value, 0, ...positions.map((_, i) => i + 2), 1);
      return { value: graph.op('Reshape', [last, graph.integers([-1, size])]), shape: [size] };
    }
    case 'Concatenate': {
      const values = inputs.map((input) => input.value);
      const size = inputs.reduce((sum, input) => sum + input.shape[0], 0);
      return { value: graph.op('Concat', values, { axis: 1 }), shape: [size] };
    }
    case 'Dense': {
      const { units, use_bias, activation } = layer.config;
      const product = graph.op('MatMul', [value, graph.floats(weight('kernel'), [channels, units])]);
      const sum = use_bias ? graph.op('Add', [product, graph.floats(weight('bias'))]) : product;
      return { value: activate(graph, sum, activation), shape: [units] };
    }
    case 'LSTM':
      return addLstm(graph, layer, inputs[0], weight);
    default:
      throw new WorkbenchError(`layer ${layer.name} (${layer.class_name}): it cannot be exported to ONNX`);
  }
}

/** Mean, deviation and maximum over the frames of the speech, as `speechStatistics`. */
function addStatistics(graph: Graph, [{ value, shape }, input]: readonly Output[], factor: number): Output {
  const [frames, ...rest] = shape;
  const size = rest.reduce((product, length) => product * length, 1);
  const last = graph.transpose(value, 0, ...shape.slice(1).map((_, i) => i + 2), 1);
  const values = graph.op('Reshape', [last, graph.integers([-1, frames, size])]);
  const axes = input.shape.slice(1).map((_, i) => (i === 0 ? 1 : i + 2));
  const largest = graph.op('ReduceMax', [graph.op('Abs', [input.value])], { axes, keepdims: 0 });
  const isSpeech = graph.cast(graph.op('Greater', [largest, graph.number(0)]), 'float');
  const missing = frames * factor - input.shape[0];
  const filled = graph.op('Pad', [isSpeech, graph.integers([0, 0, 0, missing])]);
  const groups = graph.op('Reshape', [filled, graph.integers([-1, frames, factor])]);
  const mask = graph.op('ReduceMax', [groups], { axes: [2], keepdims: 1 });
  const sum = (x: Value): Value => graph.op('ReduceSum', [x, graph.integers([1])], { keepdims: 1 });
  const count = graph.op('Max', [sum(mask), graph.number(1)]);
  const masked = graph.op('Mul', [values, mask]);
  const mean = graph.op('Div', [sum(masked), count]);
  const distance = graph.op('Sub', [values, mean]);
  const squares = graph.op('Mul', [graph.op('Mul', [distance, distance]), mask]);
  const variance = graph.op('Add', [graph.op('Div', [sum(squares), count]), graph.number(varianceEpsilon)]);
  const outside = graph.op('Mul', [graph.op('Sub', [mask, graph.number(1)]), graph.number(1e9)]);
  const max = graph.op('ReduceMax', [graph.op('Add', [masked, outside])], { axes: [1], keepdims: 1 });
  const all = graph.op('Concat', [mean, graph.op('Sqrt', [variance]), max], { axis: 2 });
  return { value: graph.op('Reshape', [all, graph.integers([-1, 3 * size])]), shape: [3 * size] };
}

type Activation = 'linear' | 'relu' | 'tanh' | 'sigmoid' | 'softmax';

function activate(graph: Graph, value: Value, activation: Activation): Value {
  switch (activation) {
    case 'linear':
      return value;
    case 'relu':
      return graph.op('Relu', [value]);
    case 'tanh':
      return graph.op('Tanh', [value]);
    case 'sigmoid':
      return graph.op('Sigmoid', [value]);
    case 'softmax':
      return graph.op('Softmax', [value], { axis: -1 });
  }
}

/** Attributes of a sliding window, and the number of its positions. `same` pads as TensorFlow does: more at the end. */
function slide(
  input: readonly number[],
  { size, strides, padding }: { size: number[]; strides: number[]; padding: 'valid' | 'same' },
) {
  const output = input.map((length, i) =>
    padding === 'same' ? Math.ceil(length / strides[i]) : Math.floor((length - size[i]) / strides[i]) + 1,
  );
  const missing = output.map((count, i) => Math.max(0, (count - 1) * strides[i] + size[i] - input[i]));
  const pads = [
    ...missing.map((count) => Math.floor(count / 2)),
    ...missing.map((count) => Math.ceil(count / 2)),
  ];
  const none = missing.map(() => 0);
  return {
    attributes: { kernel_shape: size, strides, pads: padding === 'same' ? pads : [...none, ...none] },
    output,
  };
}

/** [...size, channels, filters] → [filters, channels, ...size] */
function kernelOf(
  data: Float32Array,
  size: readonly number[],
  channels: number,
  filters: number,
): Float32Array {
  const taps = size.reduce((product, length) => product * length, 1);
  const out = new Float32Array(data.length);
  for (let tap = 0; tap < taps; tap++)
    for (let channel = 0; channel < channels; channel++)
      for (let filter = 0; filter < filters; filter++)
        out[(filter * channels + channel) * taps + tap] = data[(tap * channels + channel) * filters + filter];
  return out;
}

/** The gates of an LSTM in ONNX (input, output, forget, cell) by their position in TensorFlow.js (input, forget, cell, output). */
const gates = [0, 3, 1, 2];

function addLstm(
  graph: Graph,
  layer: NetworkLayer & { class_name: 'LSTM' },
  { value, shape: [steps, values] }: Output,
  weight: (part: string) => Float32Array,
): Output {
  const { units, use_bias, return_sequences } = layer.config;
  /** [rows, 4 · units] → [4 · units, rows] with the gates in the order of ONNX */
  const reordered = (data: Float32Array, rows: number): Float32Array => {
    const out = new Float32Array(data.length);
    for (const [i, gate] of gates.entries())
      for (let unit = 0; unit < units; unit++)
        for (let row = 0; row < rows; row++)
          out[(i * units + unit) * rows + row] = data[(row * 4 + gate) * units + unit];
    return out;
  };
  const inputs = [
    graph.transpose(value, 2, 0, 1),
    graph.floats(reordered(weight('kernel'), values), [1, 4 * units, values]),
    graph.floats(reordered(weight('recurrent_kernel'), units), [1, 4 * units, units]),
  ];
  if (use_bias) {
    // A second bias, of the recurrent part, is zero.
    const bias = new Float32Array(8 * units);
    bias.set(reordered(weight('bias'), 1));
    inputs.push(graph.floats(bias, [1, 8 * units]));
  }
  const attributes = { hidden_size: units };
  if (!return_sequences) {
    const [last] = graph.ops('LSTM', inputs, attributes, [false, true]);
    return { value: graph.op('Squeeze', [last, graph.integers([0])]), shape: [units] };
  }
  const all = graph.op('Squeeze', [graph.op('LSTM', inputs, attributes), graph.integers([1])]);
  return { value: graph.transpose(all, 1, 2, 0), shape: [steps, units] };
}
