import type { Tensor } from '@tensorflow/tfjs';
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { createRandom } from '../../../src/core/base';
import {
  bestEpoch,
  beta1At,
  createOptimizer,
  type Engine,
  engineNames,
  epochBatches,
  epochRows,
  type EpochRecord,
  learningRateAt,
  stepsIn,
  validationScores,
} from '../../../src/core/network';
import { loadEngine } from '../../../src/node/engine';
import { assertClose } from '../../assert-close';
import { range, toyData, toyNetwork, toyTraining } from './toy';

const plain = {
  ...toyTraining,
  classWeights: 'none' as const,
  labelSmoothing: 0,
  mixup: 0,
  timeMask: 0,
  frequencyMask: 0,
};

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('batches', () => {
  const data = toyData(50);

  it('contain each row once per epoch, in an order that depends on epoch and seed', async () => {
    const seen = async (epoch: number, seed: number): Promise<number[]> =>
      (await all(epochBatches(data, range(0, 50), epoch, { ...plain, seed }))).flatMap(({ targets, rows }) =>
        Array.from({ length: rows }, (_, i) => targets.subarray(3 * i, 3 * i + 3).indexOf(1)),
      );
    const first = await seen(1, 7);
    assert.deepEqual(await seen(1, 7), first);
    assert.notDeepEqual(await seen(2, 7), first);
    assert.notDeepEqual(await seen(1, 8), first);
    assert.deepEqual(first.sort(), Array.from({ length: 50 }, (_, i) => data.labels[i]).sort());
  });

  it('have the targets of the clips, if they are given, for each of their versions', async () => {
    const clips = 25;
    const targets = Float32Array.from({ length: 3 * clips }, (_, i) => [0.5, 0.25, 0.25][i % 3] + 0);
    for (let clip = 0; clip < clips; clip++) targets[3 * clip] += clip / 100;
    const first = (
      await all(epochBatches({ ...data, versions: 2, targets }, range(0, 50), 1, { ...plain, seed: 7 }))
    )
      .flatMap((batch) => Array.from({ length: batch.rows }, (_, i) => batch.targets[3 * i]))
      .sort((a, b) => a - b);
    assertClose(
      first,
      [...targets.filter((_, i) => i % 3 === 0)].flatMap((value) => [value, value]),
      1e-6,
    );
  });

  it('contain some versions of each clip per epoch, all of them over several epochs', () => {
    const rows = range(0, 48).filter((row) => row % 4 !== 3);
    const drawn = (epoch: number): number[] =>
      epochRows({ versions: 4 }, rows, { versionsPerEpoch: 2 }, createRandom(epoch)).sort((a, b) => a - b);
    for (const epoch of [1, 2, 3]) {
      const perClip = Array.from({ length: 12 }, (_, clip) =>
        drawn(epoch).filter((row) => row >> 2 === clip),
      );
      assert.ok(perClip.every((own) => own.length === 2 && own[0] !== own[1]));
      assert.ok(drawn(epoch).every((row) => rows.includes(row)));
    }
    assert.notDeepEqual(drawn(1), drawn(2));
    assert.equal(new Set(Array.from({ length: 20 }, (_, epoch) => drawn(epoch)).flat()).size, 36);
    assert.deepEqual(epochRows({ versions: 4 }, rows, { versionsPerEpoch: null }, createRandom(1)), [
      ...rows,
    ]);
    const perClip = epochRows({}, rows, { versionsPerEpoch: 1 }, createRandom(1));
    assert.equal(perClip.length, 36, 'without versions, each row is a clip');
  });

  it('contain the first version of a clip with the given probability', () => {
    const rows = range(0, 4000).filter((row) => row % 4 !== 0);
    const shareOf = (originalShare: number | null, versionsPerEpoch: number): number => {
      const drawn = epochRows({ versions: 4 }, rows, { versionsPerEpoch, originalShare }, createRandom(3));
      assert.equal(new Set(drawn).size, 1000 * versionsPerEpoch);
      return drawn.filter((row) => row % 4 === 1).length / 1000;
    };
    assertClose([shareOf(0.6, 1), shareOf(0.6, 2), shareOf(null, 1)], [0.6, 0.6, 1 / 3], 0.05);
    assert.deepEqual([shareOf(0, 1), shareOf(1, 1), shareOf(0, 3)], [0, 1, 1], 'the only one left');
  });

  it('are the same if their rows arrive later, and each is requested while the previous one is in use', async () => {
    const options = { ...plain, mixup: 0.3, timeMask: 4, seed: 5 };
    const requested: number[] = [];
    const later = {
      ...data,
      gather: async (rows: ArrayLike<number>, out: Float32Array) => {
        requested.push(rows.length);
        await setImmediate();
        await data.gather(rows, out);
      },
    };
    const now = await all(epochBatches(data, range(0, 50), 1, options));
    let used = 0;
    for await (const batch of epochBatches(later, range(0, 50), 1, options)) {
      assert.deepEqual(batch, now[used++]);
      assert.equal(requested.length, Math.min(used + 1, now.length));
    }
    assert.equal(used, 4);
  });

  it('end with the error of a row that cannot be read', async () => {
    const broken = { ...data, gather: () => Promise.reject(new Error('row 3: no such row')) };
    await assert.rejects(all(epochBatches(broken, range(0, 50), 1, { ...plain, seed: 1 })), /row 3/);
  });

  it('drop a last batch of a single row', async () => {
    assert.deepEqual([stepsIn(33, 16), stepsIn(34, 16), stepsIn(32, 16), stepsIn(1, 16)], [2, 3, 2, 1]);
    const sizes = (await all(epochBatches(data, range(0, 33), 1, { ...plain, seed: 1 }))).map(
      ({ rows }) => rows,
    );
    assert.deepEqual(sizes, [16, 16]);
  });

  it('apply label smoothing and balanced class weights', async () => {
    const rows = Int32Array.from({ length: 50 }, (_, i) => i).filter((i) => data.labels[i] !== 1 || i < 10);
    const counts = [0, 0, 0];
    for (const row of rows) counts[data.labels[row]]++;
    const sums = [0, 0, 0];
    for await (const batch of epochBatches(data, rows, 1, {
      ...plain,
      labelSmoothing: 0.3,
      classWeights: 'balanced',
      seed: 1,
    })) {
      for (let i = 0; i < batch.rows; i++) {
        const own = [...batch.targets.subarray(3 * i, 3 * i + 3)];
        assertClose(own.toSorted(), [0.1, 0.1, 0.8], 1e-6);
        sums[own.findIndex((value) => value > 0.5)] += batch.weights![i];
      }
    }
    assertClose(sums, [rows.length / 3, rows.length / 3, rows.length / 3], 1e-4);
    assert.ok(counts[1] < counts[0]);
  });

  it('apply mixup to targets and inputs, with the larger share for the row itself', async () => {
    let mixed = 0;
    for await (const { targets, rows } of epochBatches(data, range(0, 50), 1, {
      ...plain,
      mixup: 0.4,
      seed: 3,
    })) {
      for (let i = 0; i < rows; i++) {
        const own = targets.subarray(3 * i, 3 * i + 3);
        assert.ok(Math.abs(own[0] + own[1] + own[2] - 1) < 1e-6);
        assert.ok(Math.max(...own) >= 0.5 - 1e-6);
        if (Math.max(...own) < 0.999) mixed++;
      }
    }
    assert.ok(mixed > 10);
  });

  it('mask contiguous ranges of frames and coefficients up to the maximum width', async () => {
    const ones = { ...data, gather: (_: ArrayLike<number>, out: Float32Array) => void out.fill(1) };
    for await (const { x, rows } of epochBatches(ones, range(0, 50), 1, {
      ...plain,
      timeMask: 5,
      frequencyMask: 2,
      seed: 3,
    })) {
      for (let row = 0; row < rows; row++) {
        const own = x.subarray(row * 64, (row + 1) * 64);
        const blankFrames = Array.from({ length: 16 }, (_, frame) =>
          own.subarray(4 * frame, 4 * frame + 4).every((value) => value === 0),
        );
        const blankBands = Array.from({ length: 4 }, (_, band) =>
          own.every((value, i) => i % 4 !== band || value === 0),
        );
        const text = (flags: boolean[]): string => flags.map(Number).join('');
        assert.match(text(blankFrames), /^0*1{0,5}0*$/);
        assert.match(text(blankBands), /^0*1{0,2}0*$/);
      }
    }
  });
});

describe('learning rates', () => {
  const config = { ...toyTraining, learningRate: 1 };
  const at = (schedule: typeof config.schedule, progress: number, history: EpochRecord[] = []): number =>
    learningRateAt({ ...config, schedule }, progress, history);
  const history = (...losses: number[]): EpochRecord[] =>
    losses.map((valLoss, i) => ({
      epoch: i + 1,
      loss: 0,
      accuracy: 0,
      valLoss,
      learningRate: 0,
      seconds: 0,
    }));

  it('one-cycle rises from 1/25 of the maximum until 30 % and falls to nearly 0', () => {
    assertClose([at('one-cycle', 0), at('one-cycle', 0.15), at('one-cycle', 0.3)], [0.04, 0.52, 1], 1e-9);
    assertClose([at('one-cycle', 0.65), at('one-cycle', 1)], [0.500002, 4e-6], 1e-6);
  });

  it('one-cycle changes β1 in the opposite direction, other schedules do not change it', () => {
    const beta1 = [0, 0.15, 0.3, 0.65, 1].map((progress) => beta1At({ schedule: 'one-cycle' }, progress)!);
    assertClose(beta1, [0.95, 0.9, 0.85, 0.9, 0.95], 1e-9);
    for (const schedule of ['constant', 'cosine', 'plateau'] as const)
      assert.equal(beta1At({ schedule }, 0.3), undefined);
  });

  it('cosine falls from the maximum to 0; constant does not change', () => {
    assertClose(
      [at('cosine', 0), at('cosine', 0.5), at('cosine', 1), at('constant', 0.7)],
      [1, 0.5, 0, 1],
      1e-9,
    );
  });

  it('plateau halves the rate after each two epochs without improvement, down to its minimum', () => {
    assert.equal(at('plateau', 0.5, history(5, 4, 3)), 1);
    assert.equal(at('plateau', 0.5, history(3, 4)), 1);
    assert.equal(at('plateau', 0.5, history(3, 4, 4)), 0.5);
    assert.equal(at('plateau', 0.5, history(3, 4, 4, 2)), 0.5);
    assert.equal(at('plateau', 0.5, history(3, 4, 4, 5, 5)), 0.25);
    assert.equal(at('plateau', 0.5, history(3, ...Array<number>(60).fill(4))), 1e-5);
  });

  it('the best epoch is the first of equals, by validation or training loss; with monitor last, the last', () => {
    assert.equal(bestEpoch(history(3, 2, 2, 4), 'valLoss'), 2);
    assert.equal(bestEpoch([], 'valLoss'), 0);
    const without = [4, 2, 3].map((loss, i) => ({
      epoch: i + 1,
      loss,
      accuracy: 0,
      learningRate: 0,
      seconds: 0,
    }));
    assert.equal(bestEpoch(without, 'valUar'), 2);
    assert.equal(bestEpoch(history(3, 2, 2, 4), 'last'), 4);
  });
});

for (const name of engineNames)
  describe(`optimizers on the ${name} engine`, () => {
    let engine: Engine;
    before(async function () {
      engine = await loadEngine(name).catch(() => {
        console.log(`      skipped: no ${name} engine here`);
        return this.skip();
      });
    });
    after(() => loadEngine());

    /** Two steps with gradients 1 and −3 and β1 0.9 and 0.8, by the formulas. */
    function byHand(value: number, kind: 'adam' | 'adamw' | 'sgd', rate: number, decay: number): number {
      let [w, m, v] = [value, 0, 0];
      for (const [t, [g, beta1]] of [[1, 0.9] as const, [-3, 0.8] as const].entries()) {
        if (kind === 'sgd') {
          m = 0.9 * m + rate * g;
          w -= m;
          continue;
        }
        m = beta1 * m + (1 - beta1) * g;
        v = 0.999 * v + 0.001 * g * g;
        const mean = m / (1 - beta1 ** (t + 1));
        const square = v / (1 - 0.999 ** (t + 1));
        if (kind === 'adamw') w -= rate * decay * w;
        // ε as in Keras: added to the root of the uncorrected mean of squares
        w -= (rate * mean) / (Math.sqrt(square) + 1e-7 / Math.sqrt(1 - 0.999 ** (t + 1)));
      }
      return w;
    }

    for (const optimizer of ['adam', 'adamw', 'sgd'] as const) {
      it(`${optimizer} follows its formula, also when resumed from its state`, async () => {
        const { tf } = engine;
        const network = toyNetwork(engine);
        const weights = network.model.trainableWeights;
        const before = weights.map((weight) => weight.read().dataSync<'float32'>().slice());
        const options = { optimizer, weightDecay: 0.1, clipNorm: null };
        const gradients = (value: number): Tensor[] =>
          weights.map((weight) => tf.fill(weight.shape as number[], value));
        const first = createOptimizer(engine, network, options);
        first.apply(gradients(1), 0.01);
        const second = createOptimizer(engine, network, options, await first.state());
        second.apply(gradients(-3), 0.01, 0.8);
        for (const [i, weight] of weights.entries()) {
          const expected = before[i].map((value) => byHand(value, optimizer, 0.01, 0.1));
          assertClose(weight.read().dataSync<'float32'>(), expected, 1e-5, `weight ${i}`);
        }
        first.dispose();
        second.dispose();
        network.model.dispose();
      });
    }

    it('clips the norm of the gradient of all weights', () => {
      const { tf } = engine;
      const network = toyNetwork(engine);
      const weights = network.model.trainableWeights;
      const total = weights.reduce((sum, weight) => sum + weight.read().size, 0);
      const before = weights[0].read().dataSync<'float32'>().slice();
      const optimizer = createOptimizer(engine, network, { optimizer: 'sgd', weightDecay: 0, clipNorm: 1 });
      optimizer.apply(
        weights.map((weight) => tf.fill(weight.shape as number[], 2)),
        1,
      );
      const step = 1 / Math.sqrt(total);
      assertClose(
        weights[0].read().dataSync<'float32'>(),
        before.map((value) => value - step),
        1e-5,
      );
      optimizer.dispose();
      network.model.dispose();
    });
  });

describe('validationScores', () => {
  it('returns loss, accuracy and recall averaged over the classes that occur', () => {
    const probabilities = Float32Array.from([0.7, 0.2, 0.1, 0.5, 0.4, 0.1, 0.2, 0.5, 0.3]);
    const { loss, accuracy, uar } = validationScores(probabilities, [0, 0, 0], 3);
    assertClose(
      [loss, accuracy, uar],
      [-(Math.log(0.7) + Math.log(0.5) + Math.log(0.2)) / 3, 2 / 3, 2 / 3],
      1e-6,
    );
    assertClose(
      [validationScores(probabilities, [0, 0, 1], 3).uar, validationScores(probabilities, [1, 0, 1], 3).uar],
      [1, 0.75],
      1e-9,
    );
  });
});
