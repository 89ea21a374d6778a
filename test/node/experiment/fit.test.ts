import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Engine,
  engineNames,
  predictRows,
  readWeights,
  validationScores,
} from '../../../src/core/network';
import { loadEngine } from '../../../src/node/engine';
import { fit, type FitOptions } from '../../../src/node/experiment';
import { range, toyData, toyNetwork, toyTraining } from '../../core/network/toy';

const data = toyData(180);
const split = { train: range(0, 96), validation: range(96, 132) };
const test = range(132, 180);

for (const name of engineNames) {
  describe(`training on the ${name} engine`, function () {
    this.timeout(60_000);
    let engine: Engine;
    before(async function () {
      try {
        engine = await loadEngine(name);
      } catch {
        console.log(`      skipped: no ${name} engine here`);
        this.skip();
      }
    });
    after(() => loadEngine());

    const run = async (changes: Partial<typeof toyTraining> = {}, options: Partial<FitOptions> = {}) => {
      const network = toyNetwork(engine, 1);
      const result = await fit(
        engine,
        network,
        data,
        split,
        { ...toyTraining, ...changes },
        { seed: 1, ...options },
      );
      const weights = await readWeights(network.model);
      return { network, result, weights };
    };

    it('learns, and records each epoch', async () => {
      const { network, result } = await run({ epochs: 8, mixup: 0, timeMask: 0, frequencyMask: 0 });
      assert.equal(result.outcome, 'finished');
      assert.deepEqual(
        result.history.map(({ epoch }) => epoch),
        [1, 2, 3, 4, 5, 6, 7, 8],
      );
      const probabilities = await predictRows(engine.tf, network, data, test);
      const { accuracy } = validationScores(
        probabilities,
        Int32Array.from(test, (row) => data.labels[row]),
        data.classes,
      );
      assert.ok(accuracy > 0.8, `accuracy ${accuracy}`);
      assert.ok(result.history[7].loss < result.history[0].loss);
      network.model.dispose();
    });

    it('gives the same weights and history for the same seed only', async () => {
      const [one, two, other] = [await run(), await run(), await run({}, { seed: 2 })];
      const curve = ({ result }: typeof one): number[] => result.history.map(({ loss }) => loss);
      assert.deepEqual(two.weights, one.weights);
      assert.deepEqual(curve(two), curve(one));
      assert.notDeepEqual(curve(other), curve(one));
      for (const { network } of [one, two, other]) network.model.dispose();
    });

    it('leaks no tensors', async () => {
      const network = toyNetwork(engine);
      await fit(engine, network, data, split, { ...toyTraining, epochs: 1 }, { seed: 1 });
      const before = engine.tf.memory().numTensors;
      await fit(engine, network, data, split, { ...toyTraining, epochs: 3 }, { seed: 1 });
      assert.equal(engine.tf.memory().numTensors, before);
      network.model.dispose();
    });
  });
}

describe('training', function () {
  this.timeout(60_000);
  let engine: Engine;
  let folder: string;
  before(async () => {
    engine = await loadEngine();
    folder = mkdtempSync(join(tmpdir(), 'ser-fit-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const train = async (changes: Partial<typeof toyTraining>, options: Partial<FitOptions> = {}) => {
    const network = toyNetwork(engine);
    const result = await fit(
      engine,
      network,
      data,
      split,
      { ...toyTraining, ...changes },
      { seed: 1, ...options },
    );
    return { network, result, weights: await readWeights(network.model) };
  };

  it('gives the same weights when stopped and resumed from its checkpoint', async () => {
    const path = join(folder, 'stopped.checkpoint');
    const checkpoint = { path, identity: 'toy' };
    const unbroken = await train({ epochs: 5 });
    const stop = new AbortController();
    const first = await train(
      { epochs: 5 },
      {
        checkpoint,
        signal: stop.signal,
        onStep: ({ epoch, step }) => {
          if (epoch === 3 && step === 2) stop.abort();
        },
      },
    );
    assert.equal(first.result.outcome, 'interrupted');
    assert.equal(first.result.history.length, 2);
    const second = await train({ epochs: 5 }, { checkpoint });
    assert.equal(second.result.resumedFrom, 2);
    assert.deepEqual(second.weights, unbroken.weights);
    const timeless = (history: typeof unbroken.result.history) =>
      history.map((record) => ({ ...record, seconds: 0 }));
    assert.deepEqual(timeless(second.result.history), timeless(unbroken.result.history));
    assert.deepEqual(readdirSync(folder), ['stopped.checkpoint']);
  });

  it('keeps the weights of the best epoch when interrupted', async () => {
    const stop = new AbortController();
    const best: Float32Array[][] = [];
    const network = toyNetwork(engine);
    const result = await fit(
      engine,
      network,
      data,
      split,
      { ...toyTraining, epochs: 6 },
      {
        seed: 1,
        signal: stop.signal,
        onEpoch: ({ epoch }) => {
          if (epoch === 3) stop.abort();
        },
      },
    );
    assert.equal(result.outcome, 'interrupted');
    assert.equal(result.history.length, 3);
    best.push(await readWeights(network.model));
    const shorter = await train({ epochs: 6 }, { signal: AbortSignal.abort() });
    assert.equal(shorter.result.history.length, 0);
    const losses = result.history.map(({ valLoss }) => valLoss!);
    assert.equal(result.bestEpoch, losses.indexOf(Math.min(...losses)) + 1);
    const probabilities = await predictRows(engine.tf, network, data, split.validation);
    const labels = Int32Array.from(split.validation, (row) => data.labels[row]);
    assert.ok(
      Math.abs(validationScores(probabilities, labels, data.classes).loss - Math.min(...losses)) < 1e-6,
    );
  });

  it('ignores a checkpoint of the same training on another path', async function () {
    const checkpoint = { path: join(folder, 'path.checkpoint'), identity: 'toy' };
    const before = process.env.SER_TRAINING;
    try {
      process.env.SER_TRAINING = 'eager';
      const eager = await train({ epochs: 1 }, { checkpoint });
      assert.notEqual(eager.result.path, 'graph');
      assert.equal((await train({ epochs: 2 }, { checkpoint })).result.resumedFrom, 1);
      delete process.env.SER_TRAINING;
      const { result } = await train({ epochs: 1 }, { checkpoint });
      if (result.path !== 'graph') this.skip();
      assert.equal(result.resumedFrom, 0);
      assert.equal((await train({ epochs: 2 }, { checkpoint })).result.resumedFrom, 1);
    } finally {
      if (before === undefined) delete process.env.SER_TRAINING;
      else process.env.SER_TRAINING = before;
    }
  });

  it('ignores a checkpoint of another training, and rejects a damaged one with its path', async () => {
    const path = join(folder, 'other.checkpoint');
    await train({ epochs: 2 }, { checkpoint: { path, identity: 'one' } });
    const { result } = await train({ epochs: 2 }, { checkpoint: { path, identity: 'another' } });
    assert.equal(result.resumedFrom, 0);
    const bytes = await readFile(path);
    bytes[bytes.length - 100] ^= 1;
    await writeFile(path, bytes);
    await assert.rejects(
      train({ epochs: 2 }, { checkpoint: { path, identity: 'another' } }),
      /other\.checkpoint: not a checkpoint, or damaged; delete it/,
    );
  });

  it('stops early after a number of epochs without improvement', async () => {
    const { result } = await train({
      epochs: 30,
      earlyStopping: 2,
      learningRate: 1e-9,
      schedule: 'constant',
      optimizer: 'sgd',
      monitor: 'valAccuracy',
    });
    assert.equal(result.outcome, 'stopped early');
    assert.equal(result.history.length, result.bestEpoch + 2);
  });

  it('stops when the loss is not finite, with the step and a remedy', async () => {
    await assert.rejects(
      train({ learningRate: 1e20, optimizer: 'sgd', clipNorm: null, schedule: 'constant' }),
      /training diverged at epoch \d, step \d+: the loss is .*; lower training.learningRate/,
    );
  });

  it('stops when the last step makes the weights infinite, although the loss was finite', async () => {
    const oneStep = { epochs: 1, batchSize: 96, monitor: 'last' } as const;
    await assert.rejects(
      train({ ...oneStep, learningRate: 1e39, optimizer: 'sgd', clipNorm: null, schedule: 'constant' }),
      /training diverged at epoch 1: a weight is not finite after the last step/,
    );
  });

  it('rejects rows in both parts, and a missing training part', async () => {
    const network = toyNetwork(engine);
    const fitOn = (rows: { train: Int32Array; validation: Int32Array }) =>
      fit(engine, network, data, rows, toyTraining, { seed: 1 });
    await assert.rejects(
      fitOn({ train: range(0, 5), validation: range(4, 6) }),
      /validation must be rows that are not in train, got "row 4"/,
    );
    await assert.rejects(
      fitOn({ train: range(0, 0), validation: range(4, 6) }),
      /train must be a list with at least one row/,
    );
    network.model.dispose();
  });
});
