import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base';
import { experimentConfig } from '../../../src/core/config';
import {
  buildModel,
  checkTopology,
  type Engine,
  readNetwork,
  type TensorFlow,
  writeNetwork,
} from '../../../src/core/network';
import { loadEngine } from '../../../src/node/engine';

type Json = Record<string, unknown>;
interface Layer {
  name: string;
  class_name: string;
  config: Json;
  inbound_nodes: unknown[][][];
}
interface Topology {
  modelTopology: { config: { layers: Layer[]; output_layers: unknown[] } };
  weightsManifest: { paths: string[]; weights: Json[] }[];
}

describe('checkTopology', function () {
  this.timeout(60_000);
  let engine: Engine;
  let tf: TensorFlow;
  let text: string;
  let weights: Uint8Array;
  const { model } = experimentConfig('quick', { model: { width: 2 } });
  before(async () => {
    engine = await loadEngine();
    ({ tf } = engine);
    const network = buildModel(tf, model, [24, 5], { classes: 3, seed: 1 });
    ({ json: text, weights } = await writeNetwork(tf, network));
    network.dispose();
  });
  const check = (change: (json: Topology) => void, bytes = weights.length) => {
    const json = JSON.parse(text) as Topology;
    change(json);
    return checkTopology(json, bytes);
  };
  const layersOf = ({ modelTopology }: Topology): Layer[] => modelTopology.config.layers;
  const layerOf = (json: Topology, kind: string): Layer =>
    layersOf(json).find(({ class_name }) => class_name === kind)!;

  for (const [kind, shape, head = 'pool'] of [
    ['compact', [24, 5]],
    ['compact', [27, 5], 'statistics'],
    ['log-mel', [16, 16, 1]],
    ['log-mel', [27, 16, 1], 'statistics'],
    ['lstm', [24, 5]],
    ['cnn-lstm', [24, 5]],
    ['paper', [96, 1]],
  ] as const) {
    it(`accepts the network ${kind} (${head}), which has the same weights and leaves no tensors`, async () => {
      const before = tf.memory().numTensors;
      const built = buildModel(tf, { ...model, kind, head }, shape, { classes: 3, seed: 1 });
      const files = await writeNetwork(tf, built);
      const checked = checkTopology(JSON.parse(files.json), files.weights.length);
      assert.deepEqual([checked.inputShape, checked.classes], [[...shape], 3]);
      const restored = await readNetwork(tf, checked, files.weights);
      const again = await writeNetwork(tf, restored);
      assert.deepEqual(again.weights, files.weights);
      assert.deepEqual(checkTopology(JSON.parse(again.json), again.weights.length), checked);
      built.dispose();
      restored.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  }

  const cases: [title: string, change: (json: Topology) => void, message: RegExp][] = [
    [
      'an input that is no layer',
      (json) => {
        layersOf(json)[3].inbound_nodes[0][0][0] = 'nowhere';
      },
      /its input nowhere is not an earlier layer/,
    ],
    [
      'a cycle',
      (json) => {
        layersOf(json)[1].inbound_nodes[0][0][0] = layersOf(json)[4].name;
      },
      /is not an earlier layer/,
    ],
    [
      'a name that is used twice',
      (json) => {
        const [, , layer, other] = layersOf(json);
        other.name = other.config.name = layer.name;
      },
      /its name is used twice/,
    ],
    [
      'a name that is a property of every object',
      (json) => {
        layersOf(json)[1].name = layersOf(json)[1].config.name = 'constructor';
      },
      /layers\[1\]\.name: not allowed in a model, got "constructor"/,
    ],
    [
      'a layer of another class',
      (json) => {
        layersOf(json)[1].class_name = 'Lambda';
      },
      /layers\[1\].*got/,
    ],
    [
      'a huge number of filters',
      (json) => {
        layerOf(json, 'Conv1D').config.filters = 9_999_999;
      },
      /at most 50,000,000 parameters, got [\d,]+/,
    ],
    [
      'a fractional size',
      (json) => {
        layerOf(json, 'Conv1D').config.kernel_size = [2.5];
      },
      /kernel_size\[0\]: not allowed in a model, got 2\.5/,
    ],
    [
      'a regulariser',
      (json) => {
        layerOf(json, 'Conv1D').config.kernel_regularizer = { class_name: 'L1L2', config: {} };
      },
      /kernel_regularizer: not allowed/,
    ],
    [
      'an unknown option',
      (json) => {
        layerOf(json, 'Dense').config.units_per_gpu = 3;
      },
      /not allowed in a model/,
    ],
    [
      'quantised weights',
      (json) => {
        json.weightsManifest[0].weights[0].quantization = { dtype: 'uint8', scale: 1, min: 0 };
      },
      /weights\[0\]: not allowed/,
    ],
    [
      'a missing weight',
      (json) => {
        json.weightsManifest[0].weights.pop();
      },
      /weight \S+ must have the shape .*, got none/,
    ],
    [
      'a weight of another shape',
      (json) => {
        json.weightsManifest[0].weights[0].shape = [5, 5, 3];
      },
      /kernel must have the shape 5 × 5 × 2, got 5 × 5 × 3/,
    ],
    [
      'another file of weights',
      (json) => {
        json.weightsManifest[0].paths = ['../weights.bin'];
      },
      /paths\[0\]: not allowed/,
    ],
    [
      'a layer that leads nowhere',
      (json) => {
        const last = layersOf(json).at(-2)!;
        layersOf(json).splice(-1, 0, { ...last, name: 'x', config: { ...last.config, name: 'x' } });
      },
      /every layer must lead/,
    ],
    [
      'an output that is no softmax',
      (json) => {
        layerOf(json, 'Dense').config.activation = 'relu';
      },
      /the last layer must be a dense layer with softmax/,
    ],
    [
      'recurrent layers with millions of steps',
      (json) => {
        const [input, first] = layersOf(json);
        input.config.batch_input_shape = [null, 3_000_000, 1];
        first.class_name = 'LSTM';
        first.config = {
          ...{
            name: first.name,
            units: 1,
            activation: 'tanh',
            recurrent_activation: 'sigmoid',
            use_bias: true,
          },
          ...{ dropout: 0, recurrent_dropout: 0, return_sequences: true, return_state: false },
          ...{ go_backwards: false, stateful: false, unroll: false },
        };
      },
      /at most 20,000 steps in a recurrent layer, got 3,000,000/,
    ],
  ];
  for (const [title, change, message] of cases) {
    it(`rejects ${title} with the reason, before anything is allocated`, () => {
      const before = tf.memory().numTensors;
      assert.throws(
        () => check(change),
        (error: unknown) => {
          assert.ok(error instanceof WorkbenchError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
      assert.equal(tf.memory().numTensors, before);
    });
  }

  it('rejects weights of another size, and values that are not finite', async () => {
    assert.throws(() => check(() => undefined, weights.length - 4), /weights\.bin must have \d+ bytes/);
    const damaged = weights.slice();
    new DataView(damaged.buffer).setFloat32(8, NaN, true);
    const before = tf.memory().numTensors;
    await assert.rejects(
      () =>
        readNetwork(
          tf,
          check(() => undefined),
          damaged,
        ),
      /the weight conv1d_\w+\/kernel has values that are not finite/,
    );
    assert.equal(tf.memory().numTensors, before);
  });
});

describe('buildModel', () => {
  it('rejects a network that is too large before it is built, and leaves no tensors', async () => {
    const { tf } = await loadEngine();
    const before = tf.memory().numTensors;
    const { model } = experimentConfig('quick', { model: { width: 1024, head: 'flatten' } });
    assert.throws(
      () => buildModel(tf, model, [5000, 22], { classes: 7, seed: 1 }),
      /model\.width must be at most \d+ \(the network would have [\d,]+ parameters, .*\), got 1024/,
    );
    assert.equal(tf.memory().numTensors, before);
  });
});
