import type { LayersModel } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { experimentConfig, presets } from '../../../src/core/config';
import {
  cnnLstm,
  compactCnn,
  createNetwork,
  type Engine,
  logMelCnn,
  lstmStack,
  modelCost,
  paperCnn,
} from '../../../src/core/network';
import { loadEngine, measureNetwork, measureTraining } from '../../../src/node/engine';

describe('networks of the paper and of the workbench', () => {
  let engine: Engine;
  let tf: Engine['tf'];
  before(async () => {
    engine = await loadEngine();
    tf = engine.tf;
  });

  type Build = (options?: { classes?: number; seed?: number }) => LayersModel;
  const all: [string, Build, inputShape: number[], parameters: number][] = [
    ['the paper CNN', (o) => paperCnn(tf, o), [2376, 1], 7_193_223],
    ['the compact CNN', (o) => compactCnn(tf, o), [108, 22], 199_943],
    ['the compact CNN, flattened', (o) => compactCnn(tf, { ...o, head: 'flatten' }), [108, 22], 1_904_391],
    [
      'the compact CNN with statistics',
      (o) => compactCnn(tf, { ...o, head: 'statistics' }),
      [108, 22],
      204_807,
    ],
    ['the log-mel CNN', (o) => logMelCnn(tf, o), [108, 64, 1], 243_111],
    [
      'the log-mel CNN with statistics',
      (o) => logMelCnn(tf, { ...o, head: 'statistics' }),
      [108, 64, 1],
      258_727,
    ],
    ['the LSTM stack', (o) => lstmStack(tf, o), [108, 22], 867_719],
    ['the CNN-LSTM', (o) => cnnLstm(tf, o), [108, 22], 3_885_767],
  ];

  for (const [title, build, inputShape, parameters] of all) {
    it(`${title} has the documented shapes and number of parameters`, () => {
      const model = build();
      assert.deepEqual(model.inputs[0].shape, [null, ...inputShape]);
      assert.deepEqual(model.outputs[0].shape, [null, 7]);
      assert.equal(model.countParams(), parameters);
      assert.equal(modelCost(model).parameters, parameters);
      model.dispose();
    });

    it(`${title} returns probabilities that depend only on the seed`, () => {
      tf.tidy(() => {
        const x = tf.randomNormal([2, ...inputShape], 0, 1, 'float32', 3);
        const predictWith = (seed: number): Float32Array => {
          const model = build({ classes: 5, seed });
          const probabilities = createNetwork(engine, model).predict(x).dataSync<'float32'>();
          model.dispose();
          return probabilities;
        };
        const probabilities = predictWith(1);
        assert.equal(probabilities.length, 10);
        assert.ok(Math.abs(probabilities.reduce((sum, value) => sum + value, 0) - 2) < 1e-5);
        assert.deepEqual(predictWith(1), probabilities);
        assert.notDeepEqual(predictWith(2), probabilities);
      });
    });

    it(`${title} uses the fused kernels on the native engine`, () => {
      const model = build();
      assert.equal(createNetwork(engine, model).path, engine.name === 'native' ? 'fused' : 'composed');
      model.dispose();
    });
  }

  it("the paper CNN has the layers of the paper's notebook and needs 4 GFLOP per row, the compact CNN 17 MFLOP", () => {
    const paper = paperCnn(tf);
    const { layers, flops } = modelCost(paper);
    assert.deepEqual(
      layers.filter(({ kind }) => kind === 'Conv1D').map(({ output }) => output),
      [
        [2376, 512],
        [1188, 512],
        [594, 256],
        [297, 256],
        [149, 128],
      ],
    );
    assert.ok(flops > 4.0e9 && flops < 4.1e9, `${flops}`);
    const compact = modelCost(compactCnn(tf)).flops;
    assert.ok(compact > 15e6 && compact < 18e6, `${compact}`);
  });

  it('width, dropout factor and input sizes are used', () => {
    const model = compactCnn(tf, { width: 16, dropout: 0, frames: 40, coefficients: 3 });
    assert.deepEqual(model.inputs[0].shape, [null, 40, 3]);
    assert.ok(!model.layers.some((layer) => layer.getClassName() === 'Dropout'));
    const half = compactCnn(tf, { dropout: 0.5 }).layers.filter(
      (layer) => layer.getClassName() === 'Dropout',
    );
    assert.deepEqual(
      half.map((layer) => (layer.getConfig() as { rate: number }).rate),
      [0.1, 0.1, 0.15],
    );
  });

  it('options out of range are rejected by name', () => {
    assert.throws(() => compactCnn(tf, { classes: 1 }), /classes must be an integer of at least 2, got 1/);
    assert.throws(() => compactCnn(tf, { width: 1.5 }), /width must be a positive integer, got 1.5/);
    assert.throws(() => compactCnn(tf, { dropout: -1 }), /dropout must be a factor from 0 to 2, got -1/);
    assert.throws(() => paperCnn(tf, { seed: 0.5 }), /seed must be an integer, got 0.5/);
    assert.throws(() => logMelCnn(tf, { bands: 0 }), /bands must be a positive integer, got 0/);
    assert.throws(() => compactCnn(tf, { frames: 7 }), /frames must be at least 8/);
  });
});

describe('measureNetwork', () => {
  const { model } = presets.compact;

  it('counts and times the network of a config without leaking tensors', async () => {
    const engine = await loadEngine();
    const before = engine.tf.memory().numTensors;
    const cost = measureNetwork(engine, { ...model, width: 8 }, [16, 4], { classes: 3, rows: 5, steps: 3 });
    assert.equal(engine.tf.memory().numTensors, before);
    const same = compactCnn(engine.tf, { frames: 16, coefficients: 4, width: 8, classes: 3 });
    const { parameters, flops } = modelCost(same);
    same.dispose();
    assert.deepEqual([cost.parameters, cost.flops, cost.rows], [parameters, flops, 5]);
    assert.ok(cost.stepMs > 0 && cost.predictionMs > 0 && cost.stepMs < 1e5, JSON.stringify(cost));
  });

  it('rejects models that are not networks, and invalid numbers of rows or steps', async () => {
    const engine = await loadEngine();
    assert.throws(() => measureNetwork(engine, { ...model, kind: 'svm' }, [16, 4]), /model\.kind/);
    assert.throws(
      () => measureNetwork(engine, model, [16, 4], { rows: 0 }),
      /rows must be a positive integer, got 0/,
    );
    assert.throws(
      () => measureNetwork(engine, model, [16, 4], { steps: 1.5 }),
      /steps must be a positive integer/,
    );
  });
});

describe('measureTraining', () => {
  it('times steps of every optimizer, with and without weights, and disposes of its tensors', async () => {
    const engine = await loadEngine();
    const { model, training } = experimentConfig('compact', {
      model: { width: 8 },
      training: { batchSize: 5 },
    });
    for (const changes of [{}, { optimizer: 'sgd' as const, classWeights: 'balanced' as const }]) {
      const before = engine.tf.memory().numTensors;
      const config = { model, training: { ...training, ...changes } };
      const { stepMs, rowMs } = measureTraining(engine, config, [16, 4], { classes: 3, steps: 1 });
      assert.equal(engine.tf.memory().numTensors, before);
      assert.ok(stepMs > 0 && rowMs > 0, JSON.stringify({ stepMs, rowMs }));
    }
  });
});
