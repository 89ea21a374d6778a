import { WorkbenchError } from '../base';
import { type LayerSize, networkSize, productOf } from './network-size';
import { type NetworkLayer, parseTopology } from './topology-schema';

/** A weight of a saved network. */
export interface WeightSpec {
  name: string;
  shape: readonly number[];
}

/** The parts of a `model.json` that are used, after all checks. */
export interface CheckedTopology {
  /** what TensorFlow.js receives: made from the checked values, with initial weights of zero */
  modelTopology: object;
  /** in the order of `weights.bin` */
  weights: WeightSpec[];
  /** in order, the input first */
  layers: readonly NetworkLayer[];
  /** without the rows */
  inputShape: number[];
  classes: number;
}

/**
 * Checks the content of a `model.json` before TensorFlow.js reads it: only the layers that this program builds, each with known options
 * within bounds and connected to earlier layers; sizes within `networkLimits`; and exactly the weights that the layers have.
 *
 * TensorFlow.js itself would wait forever for a layer that does not exist, allocate any size, and look up class names in a registry.
 *
 * @param bytes - size of `weights.bin`
 * @throws {@link WorkbenchError} that names the layer or the field
 */
export function checkTopology(json: unknown, bytes: number): CheckedTopology {
  const { modelTopology, weightsManifest } = parseTopology(json);
  const { config, class_name } = modelTopology;
  const add = networkSize();
  const shapes = new Map<string, number[]>();
  const unread = new Set<string>();
  const expected = new Map<string, readonly number[]>();
  for (const [i, layer] of config.layers.entries()) {
    const fail = (reason: string): never => {
      throw new WorkbenchError(`layer ${layer.name} (${layer.class_name}): ${reason}`);
    };
    if (layer.name !== layer.config.name) fail('its name differs from that in its config');
    if (shapes.has(layer.name)) fail('its name is used twice');
    const sources = (layer.inbound_nodes[0] ?? []).map(([from]) => from);
    const missing = sources.find((from) => !shapes.has(from));
    if (missing !== undefined) fail(`its input ${missing} is not an earlier layer`);
    if ((i === 0) !== (layer.class_name === 'InputLayer'))
      fail('the network must start with its only input layer');
    const inputs = sources.map((from) => shapes.get(from)!);
    const hasSeveral = layer.class_name === 'Concatenate' || layer.class_name === 'StatisticsPooling';
    if (inputs.length !== 1 && !hasSeveral && i > 0) fail(`it must have one input, got ${inputs.length}`);
    const { weights = [], ...size } = sizeOf(layer, inputs, fail);
    add({ ...size, weights: weights.map(([, shape]) => shape) });
    for (const [part, shape] of weights) expected.set(`${layer.name}/${part}`, shape);
    shapes.set(layer.name, [...size.output]);
    unread.add(layer.name);
    for (const from of sources) unread.delete(from);
  }
  const [first, last] = [config.layers[0], config.layers[config.layers.length - 1]];
  const ends = [config.input_layers[0][0], config.output_layers[0][0]];
  if (ends[0] !== first.name || ends[1] !== last.name || unread.size !== 1)
    throw new WorkbenchError(
      'every layer must lead from the first layer, the input, to the last, the output',
    );
  if (last.class_name !== 'Dense' || last.config.activation !== 'softmax')
    throw new WorkbenchError('the last layer must be a dense layer with softmax');

  const { weights } = weightsManifest[0];
  checkWeights(weights, expected, bytes);
  const layers = config.layers.map(withoutInitialWeights);
  return {
    modelTopology: { class_name, config: { ...config, layers } },
    weights,
    layers,
    inputShape: shapes.get(first.name)!,
    classes: last.config.units,
  };
}

/** Missing weights would keep their initial values; additional ones belong to another model. */
function checkWeights(
  weights: readonly WeightSpec[],
  expected: ReadonlyMap<string, readonly number[]>,
  bytes: number,
): void {
  const listed = new Map(weights.map((weight) => [weight.name, weight.shape]));
  for (const [own, shape] of expected) {
    const found = listed.get(own);
    if (found?.join() !== shape.join())
      throw new WorkbenchError(
        `weight ${own} must have the shape ${shape.join(' × ')}, got ${found?.join(' × ') ?? 'none'}`,
      );
  }
  if (listed.size !== weights.length || listed.size !== expected.size)
    throw new WorkbenchError(`it must list ${expected.size} weights, each once, got ${weights.length}`);
  const size = [...expected.values()].reduce((sum, shape) => sum + 4 * productOf(shape), 0);
  if (bytes !== size)
    throw new WorkbenchError(`weights.bin must have ${size} bytes, as the layers require, got ${bytes}`);
}

/** TensorFlow.js computes initial weights before it reads the saved ones. Zeros are fast and need no further options. */
function withoutInitialWeights(layer: NetworkLayer): NetworkLayer {
  const zeros = { class_name: 'Zeros', config: {} };
  const config = Object.fromEntries(
    Object.entries(layer.config).map(([key, value]) => [key, key.endsWith('_initializer') ? zeros : value]),
  );
  return { ...layer, config } as NetworkLayer;
}

interface NamedLayerSize extends Omit<LayerSize, 'weights'> {
  weights?: [name: string, shape: number[]][];
}

/** The size of a layer. @param inputs - shapes without the rows */
function sizeOf(
  layer: NetworkLayer,
  inputs: readonly number[][],
  fail: (reason: string) => never,
): NamedLayerSize {
  const [input] = inputs;
  const requireRank = (rank: number): void => {
    if (input.length !== rank) fail(`its input must have ${rank} dimensions, got ${input.length}`);
  };
  switch (layer.class_name) {
    case 'InputLayer':
      return { output: layer.config.batch_input_shape.slice(1) as number[] };
    case 'Conv1D':
    case 'Conv2D': {
      const {
        filters,
        kernel_size: size,
        use_bias,
      } = layer.config as typeof layer.config & { kernel_size: number[] };
      requireRank(size.length + 1);
      const positions = pooledShape(input, size, layer.config as PoolingConfig, fail);
      return {
        weights: [
          ['kernel', [...size, input[input.length - 1], filters]],
          ...(use_bias ? [['bias', [filters]] as [string, number[]]] : []),
        ],
        output: [...positions, filters],
        positions: productOf(positions),
      };
    }
    case 'MaxPooling1D':
    case 'MaxPooling2D': {
      const { pool_size: size } = layer.config as typeof layer.config & { pool_size: number[] };
      requireRank(size.length + 1);
      const positions = pooledShape(input, size, layer.config as PoolingConfig, fail);
      return { output: [...positions, input[input.length - 1]] };
    }
    case 'GlobalAveragePooling1D':
    case 'GlobalMaxPooling1D':
      requireRank(2);
      return { output: input.slice(-1) };
    case 'GlobalAveragePooling2D':
    case 'GlobalMaxPooling2D':
      requireRank(3);
      return { output: input.slice(-1) };
    case 'BatchNormalization': {
      const channels = input.slice(-1);
      const parts = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
      return { weights: parts.map((part) => [part, channels]), output: input };
    }
    case 'ReLU':
    case 'Dropout':
      return { output: input };
    case 'Flatten':
      return { output: [productOf(input)] };
    case 'Concatenate':
      if (inputs.length < 2 || inputs.some((shape) => shape.length !== 1))
        fail('it must have two or more inputs of one dimension each');
      return { output: [inputs.reduce((sum, [count]) => sum + count, 0)] };
    case 'StatisticsPooling': {
      const { length: rank } = input;
      const first = inputs.at(1);
      const { factor } = layer.config;
      if (inputs.length !== 2 || (rank !== 2 && rank !== 3) || first?.length !== rank)
        fail('it must have two inputs, sequences or spectrograms: values and the input of the network');
      if (Math.ceil(first[0] / factor) !== input[0])
        fail(`its ${input[0]} frames must be ${first[0]} / ${factor}, rounded up`);
      return { output: [3 * productOf(input.slice(1))] };
    }
    case 'Dense': {
      requireRank(1);
      const { units, use_bias } = layer.config;
      return {
        weights: [
          ['kernel', [input[0], units]],
          ...(use_bias ? [['bias', [units]] as [string, number[]]] : []),
        ],
        output: [units],
      };
    }
    case 'LSTM': {
      requireRank(2);
      const { units, use_bias, return_sequences } = layer.config;
      const [steps, values] = input;
      return {
        weights: [
          ['kernel', [values, 4 * units]],
          ['recurrent_kernel', [units, 4 * units]],
          ...(use_bias ? [['bias', [4 * units]] as [string, number[]]] : []),
        ],
        output: return_sequences ? [steps, units] : [units],
        positions: steps,
        steps,
      };
    }
  }
}

interface PoolingConfig {
  strides: number[];
  padding: 'valid' | 'same';
}

/** Number of positions of a sliding window in each dimension. */
function pooledShape(
  input: readonly number[],
  size: readonly number[],
  { strides, padding: pad }: PoolingConfig,
  fail: (reason: string) => never,
): number[] {
  return size.map((width, i) => {
    if (pad === 'same') return Math.ceil(input[i] / strides[i]);
    return width <= input[i]
      ? Math.floor((input[i] - width) / strides[i]) + 1
      : fail(`its window of ${width} is longer than its input of ${input[i]}`);
  });
}
