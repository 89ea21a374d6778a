import type { LayersModel } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import type { TrainingConfig } from '../../../src/core/config';
import {
  cnnLstm,
  compactCnn,
  createNetwork,
  type Engine,
  logMelCnn,
  lstmStack,
  type Network,
  paperCnn,
  type PlainBatch,
  predictRows,
  readWeights,
  type TensorFlow,
} from '../../../src/core/network';
import { createTrainer, graphPredictions, loadEngine, type Trainer } from '../../../src/node/engine';
import { GraphBuilder } from '../../../src/node/engine/graph';
import { assertClose } from '../../assert-close';
import { toyTraining } from './toy';

const classes = 3;
const batchSizes = [6, 6, 4];

type Training = Pick<TrainingConfig, 'optimizer' | 'weightDecay' | 'clipNorm'>;
const plain: Training = { optimizer: 'adam', weightDecay: 0, clipNorm: null };
const sgd: Training = { optimizer: 'sgd', weightDecay: 0, clipNorm: null };

interface Case {
  shape: number[];
  build: (tf: TensorFlow, seed: number) => LayersModel;
}

const compact: Case = {
  shape: [16, 4],
  build: (tf, seed) => compactCnn(tf, { frames: 16, coefficients: 4, width: 8, classes, seed }),
};

const networks: Record<string, Case> = {
  'compact CNN': compact,
  'compact CNN that flattens': {
    shape: [16, 4],
    build: (tf, seed) =>
      compactCnn(tf, { frames: 16, coefficients: 4, width: 8, classes, seed, head: 'flatten' }),
  },
  'compact CNN with statistics': {
    shape: [20, 4],
    build: (tf, seed) =>
      compactCnn(tf, { frames: 20, coefficients: 4, width: 8, classes, seed, head: 'statistics' }),
  },
  'log-mel CNN with statistics': {
    shape: [20, 16, 1],
    build: (tf, seed) =>
      logMelCnn(tf, { frames: 20, bands: 16, width: 4, classes, seed, head: 'statistics' }),
  },
  // 64 channels and more: the filter gradient by matrix products
  'wide compact CNN': {
    shape: [16, 4],
    build: (tf, seed) => compactCnn(tf, { frames: 16, coefficients: 4, width: 64, classes, seed }),
  },
  'log-mel CNN': {
    shape: [16, 16, 1],
    build: (tf, seed) => logMelCnn(tf, { frames: 16, bands: 16, width: 4, classes, seed }),
  },
  "paper's CNN": {
    shape: [40, 1],
    build: (tf, seed) => paperCnn(tf, { values: 40, classes, seed }),
  },
  'LSTM stack': {
    shape: [10, 4],
    build: (tf, seed) => lstmStack(tf, { frames: 10, coefficients: 4, classes, seed }),
  },
  'CNN-LSTM': {
    shape: [8, 4],
    build: (tf, seed) => cnnLstm(tf, { frames: 8, coefficients: 4, classes, seed }),
  },
};

/** Batches of random rows, the last one smaller, with soft targets. */
function randomBatches(shape: readonly number[], isWeighted: boolean): PlainBatch[] {
  const random = createRandom('graph');
  const size = shape.reduce((product, length) => product * length, 1);
  const values = (rows: number): Float32Array => {
    const x = random.normals(rows * size);
    x.fill(0, 0.6 * size, size); // padding of the first row
    return x;
  };
  return batchSizes.map((rows) => ({
    rows,
    x: values(rows),
    targets: Float32Array.from({ length: rows * classes }, (_, i) =>
      i % classes === Math.floor(i / classes) % classes ? 0.8 : 0.1,
    ),
    ...(isWeighted && { weights: Float32Array.from({ length: rows }, (_, i) => 0.5 + i / rows) }),
  }));
}

describe('a training step as one graph', function () {
  this.timeout(180_000); // steps of single operations are slow
  let engine: Engine;
  let tf: TensorFlow;
  before(async function () {
    engine = await loadEngine();
    if (engine.name !== 'native') {
      console.log('      skipped: no native engine here');
      this.skip();
    }
    tf = engine.tf;
  });

  const sessions = (): number =>
    (tf.backend() as unknown as { getNumOfSavedModels: () => number }).getNumOfSavedModels();

  function start(
    { shape, build }: Case,
    path: 'graph' | 'eager',
    training = plain,
    isWeighted = false,
  ): { network: Network; trainer: Trainer } {
    const network = createNetwork(engine, build(tf, 1), { seed: 2 });
    const options = { inputShape: shape, classes, batchSizes: [6, 4], isWeighted, path };
    return { network, trainer: createTrainer(engine, network, training, options) };
  }

  /** Losses, weights and optimizer after three steps. */
  async function train(network: Case, path: 'graph' | 'eager', training = plain, isWeighted = false) {
    const { network: own, trainer } = start(network, path, training, isWeighted);
    assert.equal(trainer.path, path === 'graph' ? 'graph' : 'fused');
    const losses: number[] = [];
    const probabilities: number[] = [];
    for (const [i, batch] of randomBatches(network.shape, isWeighted).entries()) {
      const result = trainer.step(batch, i, { learningRate: 0.01 / (i + 1), beta1: 0.9 - 0.02 * i });
      losses.push(result.loss);
      probabilities.push(...result.probabilities);
    }
    trainer.updateModel();
    const weights = await readWeights(own.model);
    const state = await trainer.optimizerState();
    trainer.dispose();
    own.model.dispose();
    return { losses, probabilities, weights, state };
  }

  async function compare(...[network, training, isWeighted]: [Case, Training?, boolean?]): Promise<void> {
    const graph = await train(network, 'graph', training, isWeighted);
    const eager = await train(network, 'eager', training, isWeighted);
    assertClose(graph.losses, eager.losses, 1e-5);
    assertClose(graph.probabilities, eager.probabilities, 1e-5);
    assert.equal(graph.state.steps, eager.state.steps);
    graph.state.moments.forEach((values, i) => {
      assertClose(values, eager.state.moments[i], 1e-5);
    });
    graph.weights.forEach((values, i) => {
      assertClose(values, eager.weights[i], 1e-5);
    });
  }

  for (const [name, network] of Object.entries(networks)) {
    // Adam divides small gradients by small moments, which amplifies rounding where a deviation is almost zero.
    const training = name.includes('statistics') ? sgd : plain;
    it(`gives the weights of single operations: ${name}`, () => compare(network, training));
  }

  const trainings: Record<string, Training> = {
    'AdamW with weight decay': { optimizer: 'adamw', weightDecay: 0.1, clipNorm: null },
    'a clipped gradient': { optimizer: 'adamw', weightDecay: 0.01, clipNorm: 0.05 },
    'SGD with momentum': sgd,
  };
  for (const [name, training] of Object.entries(trainings)) {
    it(`supports ${name}`, () => compare(compact, training));
  }

  it('supports weights of rows', () => compare(compact, plain, true));

  it('recording a step leaves the weights and statistics of the model as they are', async () => {
    const model = compact.build(tf, 1);
    const before = await readWeights(model);
    const network = createNetwork(engine, model);
    const trainer = createTrainer(engine, network, plain, {
      inputShape: compact.shape,
      classes,
      batchSizes: [6],
      isWeighted: false,
    });
    trainer.updateModel();
    assert.deepEqual(await readWeights(model), before);
    trainer.dispose();
    model.dispose();
  });

  it('two networks are trained at the same time without affecting each other', async () => {
    const alone = await train(compact, 'graph');
    const [batch] = randomBatches(compact.shape, false);
    const other = start(compact, 'graph');
    other.trainer.step(batch, 0, { learningRate: 0.1 });
    const together = await train(compact, 'graph');
    other.trainer.step(batch, 1, { learningRate: 0.1 });
    assert.deepEqual(together, alone);
    other.trainer.dispose();
    other.network.model.dispose();
  });

  it('continues from its state with the same weights, bit by bit', async () => {
    const batches = randomBatches(compact.shape, false);
    const options = { inputShape: compact.shape, classes, batchSizes: [6, 4], isWeighted: false };
    const network = createNetwork(engine, compact.build(tf, 1), { seed: 2 });
    const trainer = createTrainer(engine, network, toyTraining, options);
    trainer.step(batches[0], 0, { learningRate: 0.01 });
    trainer.updateModel();
    const state = await trainer.optimizerState();
    const resumed = createTrainer(engine, network, toyTraining, { ...options, state });
    const results: Float32Array[][] = [];
    for (const one of [trainer, resumed]) {
      one.step(batches[1], 1, { learningRate: 0.01 });
      one.step(batches[2], 2, { learningRate: 0.01 });
      one.updateModel();
      results.push(await readWeights(network.model));
      one.dispose();
    }
    assert.deepEqual(results[0], results[1]);
    network.model.dispose();
  });

  it('disposing frees all tensors and sessions', () => {
    const before = [tf.memory().numTensors, sessions()];
    const { network, trainer } = start(compact, 'graph');
    trainer.step(randomBatches(compact.shape, false)[0], 0, { learningRate: 0.01 });
    trainer.updateModel();
    assert.equal(sessions(), before[1] + 1);
    trainer.dispose();
    network.model.dispose();
    assert.deepEqual([tf.memory().numTensors, sessions()], before);
  });

  it('a loss that is not finite is returned as it is', () => {
    const { network, trainer } = start(compact, 'graph');
    const [batch] = randomBatches(compact.shape, false);
    const { loss } = trainer.step({ ...batch, targets: batch.targets.fill(NaN) }, 0, { learningRate: 0.01 });
    assert.ok(Number.isNaN(loss), String(loss));
    trainer.dispose();
    network.model.dispose();
  });

  for (const [name, { shape, build }] of Object.entries(networks)) {
    it(`predicts many rows as single operations do: ${name}`, async () => {
      const before = sessions();
      const network = createNetwork(engine, build(tf, 1));
      const [, , last] = randomBatches(shape, false);
      const size = last.x.length / last.rows;
      const data = {
        inputShape: shape,
        classes,
        gather: (rows: ArrayLike<number>, out: Float32Array) => {
          Array.from(rows).forEach((row, i) => {
            out.set(last.x.subarray((row % 4) * size, ((row % 4) + 1) * size), i * size);
          });
        },
      };
      const rows = Int32Array.from({ length: 300 }, (_, i) => i);
      const graph = graphPredictions(engine, network, 8 * 256);
      for (const change of [0, 0.05]) {
        tf.tidy(() => {
          network.model.setWeights(network.model.getWeights().map((weight) => weight.add(change)));
        });
        const expected = await predictRows(tf, network, data, rows);
        assertClose(await predictRows(tf, graph.network, data, rows), expected, 1e-6);
      }
      assert.equal(sessions(), before + 1);
      graph.dispose();
      network.model.dispose();
      assert.equal(sessions(), before);
    });
  }

  it('predicts with new weights for which pooling and normalisation cannot be exchanged', () => {
    const before = sessions();
    const { shape, build } = networks["paper's CNN"];
    const model = build(tf, 1);
    const network = createNetwork(engine, model);
    const composed = createNetwork(engine, model, { path: 'composed' });
    const graph = graphPredictions(engine, network, Infinity, 6);
    tf.tidy(() => {
      const [{ x }] = randomBatches(shape, false);
      const rows = tf.tensor(x, [6, ...shape]);
      for (const sign of [1, -1, 1]) {
        for (const layer of model.layers) {
          if (layer.getClassName() !== 'BatchNormalization') continue;
          const [gamma, ...others] = layer.getWeights();
          layer.setWeights([
            gamma.abs().mul(
              tf
                .range(0, gamma.size)
                .less(3)
                .mul(sign - 1)
                .add(1),
            ),
            ...others,
          ]);
        }
        const expected = composed.predict(rows).dataSync();
        assertClose(network.predict(rows).dataSync(), expected, 1e-6, `sign ${sign}`);
        assertClose(graph.network.predict(rows).dataSync(), expected, 1e-6, `graph, sign ${sign}`);
        assert.equal(sessions(), before + 1);
      }
    });
    graph.dispose();
    model.dispose();
    assert.equal(sessions(), before);
  });

  it('a graph that cannot be recorded or loaded gives an error with the remedy', () => {
    const before = sessions();
    const unknown = new GraphBuilder(tf);
    unknown.add('NoSuchOperation', [unknown.input([1])], {});
    assert.throws(() => unknown.start(), /cannot load .* graph: .*NoSuchOperation.* SER_TRAINING=eager/s);
    const record = (): void => {
      new GraphBuilder(tf).record(() => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))));
    };
    assert.throws(record, /cannot record .* graph: .*Matrix size-incompatible.* SER_TRAINING=eager/s);
    assert.equal(sessions(), before);
    const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    assert.equal(sum, 3, 'operations run as before');
  });

  it('few rows are predicted without a graph', () => {
    const network = createNetwork(engine, compact.build(tf, 1));
    assert.equal(graphPredictions(engine, network, 500).network, network);
    network.model.dispose();
  });
});
