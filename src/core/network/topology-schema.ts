import * as z from 'zod/mini';
import { WorkbenchError } from '../base';

const length = z.int().check(z.gte(1), z.lte(1e7));
const list = (item: z.ZodMiniType, count: number) => z.array(item).check(z.length(count));
const none = z.optional(z.null());
const padding = z.enum(['valid', 'same']);
const channelsLast = z.optional(z.literal('channels_last'));
const activation = z.enum(['linear', 'relu', 'tanh', 'sigmoid']);
const outputActivation = z.enum([...activation.options, 'softmax']);
const initializer = z.optional(z.unknown()); // replaced, because weights.bin overwrites the initial weights

/** TensorFlow.js uses names as keys of plain objects, so names such as `constructor` are rejected. */
const name = z
  .string()
  .check(z.regex(/^[A-Za-z][\w-]{0,99}$/))
  .check(z.refine((text) => !(text in Object.prototype)));
const common = { name, trainable: z.optional(z.boolean()), dtype: z.optional(z.literal('float32')) };
const weightOptions = {
  use_bias: z.boolean(),
  kernel_initializer: initializer,
  bias_initializer: initializer,
  kernel_regularizer: none,
  bias_regularizer: none,
  activity_regularizer: none,
  kernel_constraint: none,
  bias_constraint: none,
};

function convolution(dimensions: 1 | 2) {
  return z.strictObject({
    ...common,
    ...weightOptions,
    filters: length,
    kernel_size: list(length, dimensions),
    strides: list(length, dimensions),
    dilation_rate: list(z.literal(1), dimensions),
    padding,
    data_format: channelsLast,
    activation,
  });
}

function maxPooling(dimensions: 1 | 2) {
  const sizes = list(length, dimensions);
  return z.strictObject({ ...common, pool_size: sizes, strides: sizes, padding, data_format: channelsLast });
}

const globalPooling = z.strictObject({ ...common, data_format: channelsLast });

/** The configuration of each kind of layer: the layers that this program builds, with all their options. */
const configs = {
  InputLayer: z.strictObject({
    name,
    batch_input_shape: z
      .array(z.union([z.null(), length]))
      .check(z.minLength(2), z.maxLength(4))
      .check(z.refine(([rows, ...shape]) => rows === null && !shape.includes(null))),
    dtype: z.literal('float32'),
    sparse: z.optional(z.literal(false)),
  }),
  Conv1D: convolution(1),
  Conv2D: convolution(2),
  MaxPooling1D: maxPooling(1),
  MaxPooling2D: maxPooling(2),
  GlobalAveragePooling1D: globalPooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  StatisticsPooling: z.strictObject({ ...common, factor: length }),
  BatchNormalization: z.strictObject({
    ...common,
    axis: z.literal(-1),
    momentum: z.number().check(z.gte(0), z.lte(1)),
    epsilon: z.number().check(z.gte(1e-12), z.lte(1)),
    center: z.literal(true),
    scale: z.literal(true),
    beta_initializer: initializer,
    gamma_initializer: initializer,
    moving_mean_initializer: initializer,
    moving_variance_initializer: initializer,
    beta_regularizer: none,
    gamma_regularizer: none,
    beta_constraint: none,
    gamma_constraint: none,
  }),
  ReLU: z.strictObject({ ...common, max_value: none }),
  Dropout: z.strictObject({
    ...common,
    rate: z.number().check(z.gte(0), z.lt(1)),
    noise_shape: none,
    seed: z.optional(z.union([z.null(), z.int()])),
  }),
  Flatten: z.strictObject({ ...common, data_format: channelsLast }),
  Concatenate: z.strictObject({ ...common, axis: z.literal(-1) }),
  Dense: z.strictObject({ ...common, ...weightOptions, units: length, activation: outputActivation }),
  LSTM: z.strictObject({
    ...common,
    ...weightOptions,
    units: length,
    activation: z.literal('tanh'),
    recurrent_activation: z.literal('sigmoid'),
    recurrent_initializer: initializer,
    recurrent_regularizer: none,
    recurrent_constraint: none,
    unit_forget_bias: z.optional(z.union([z.null(), z.boolean()])),
    dropout: z.literal(0),
    recurrent_dropout: z.literal(0),
    implementation: z.optional(z.union([z.null(), z.literal([1, 2])])),
    return_sequences: z.boolean(),
    return_state: z.literal(false),
    go_backwards: z.literal(false),
    stateful: z.literal(false),
    unroll: z.literal(false),
  }),
};

const layerOf = <Kind extends keyof typeof configs>(kind: Kind, config: (typeof configs)[Kind]) =>
  z.strictObject({ class_name: z.literal(kind), name, config, inbound_nodes: inboundNodes });

/** One node per layer: the outputs of earlier layers. */
const source = z.tuple([name, z.literal(0), z.literal(0), z.optional(z.strictObject({}))]);
const inboundNodes = z.array(z.array(source).check(z.minLength(1), z.maxLength(16))).check(z.maxLength(1));
const endpoint = z.array(z.tuple([name, z.literal(0), z.literal(0)])).check(z.length(1));

const modelSchema = z.object({
  modelTopology: z.object({
    class_name: z.enum(['Model', 'Functional']),
    config: z.object({
      name,
      layers: z
        .array(
          z.discriminatedUnion('class_name', [
            layerOf('InputLayer', configs.InputLayer),
            layerOf('Conv1D', configs.Conv1D),
            layerOf('Conv2D', configs.Conv2D),
            layerOf('MaxPooling1D', configs.MaxPooling1D),
            layerOf('MaxPooling2D', configs.MaxPooling2D),
            layerOf('GlobalAveragePooling1D', configs.GlobalAveragePooling1D),
            layerOf('GlobalAveragePooling2D', configs.GlobalAveragePooling2D),
            layerOf('GlobalMaxPooling1D', configs.GlobalMaxPooling1D),
            layerOf('GlobalMaxPooling2D', configs.GlobalMaxPooling2D),
            layerOf('StatisticsPooling', configs.StatisticsPooling),
            layerOf('BatchNormalization', configs.BatchNormalization),
            layerOf('ReLU', configs.ReLU),
            layerOf('Dropout', configs.Dropout),
            layerOf('Flatten', configs.Flatten),
            layerOf('Concatenate', configs.Concatenate),
            layerOf('Dense', configs.Dense),
            layerOf('LSTM', configs.LSTM),
          ]),
        )
        .check(z.minLength(2)),
      input_layers: endpoint,
      output_layers: endpoint,
    }),
  }),
  weightsManifest: z
    .array(
      z.strictObject({
        paths: z.tuple([z.literal('weights.bin')]),
        weights: z.array(
          // A strict object, because the key `quantization` changes how the bytes are read.
          z.strictObject({
            name: z.string(),
            shape: z.array(length).check(z.maxLength(4)),
            dtype: z.literal('float32'),
          }),
        ),
      }),
    )
    .check(z.length(1)),
});
/** A layer of a saved network, with the options that were checked. */
export type NetworkLayer = z.infer<typeof modelSchema>['modelTopology']['config']['layers'][number];

/**
 * Checks each field of a `model.json` by itself.
 *
 * @throws {@link WorkbenchError} that names the field and its value
 */
export function parseTopology(json: unknown): z.infer<typeof modelSchema> {
  const result = modelSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const value = issue.path.reduce<unknown>(
    (outer, key) => (outer as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  throw new WorkbenchError(
    `${path.replace(/^\./, '') || 'its content'}: not allowed in a model, got ${shown(value)}`,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 'nothing' : text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
