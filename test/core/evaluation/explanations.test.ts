import assert from 'node:assert/strict';

import { createRandom } from '../../../src/core/base';
import {
  checkFaithfulness,
  coefficientGroups,
  occlude,
  type PredictBatch,
  signFlipTest,
} from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';
import { golden } from './golden';

const shape = [12, 4] as const;

/** A model in which the probability of the second class is the logistic function of the sum of a few values. */
function modelOf(important: readonly number[], calls: number[] = []): PredictBatch {
  return (batch, rows) => {
    calls.push(rows);
    const size = batch.length / rows;
    const probabilities = new Float32Array(2 * rows);
    for (let row = 0; row < rows; row++) {
      const sum = important.reduce((total, at) => total + batch[row * size + at], 0);
      probabilities[2 * row + 1] = 1 / (1 + Math.exp(-sum));
      probabilities[2 * row] = 1 - probabilities[2 * row + 1];
    }
    return probabilities;
  };
}

const ones = (): Float32Array => new Float32Array(48).fill(1);

describe('occlude', () => {
  // frames 4 and 5, coefficient 2
  const model = modelOf([4 * 4 + 2, 5 * 4 + 2]);

  it('finds the only cell that the model uses', async () => {
    const { drop, probability, windows } = await occlude(model, ones(), {
      shape,
      classIndex: 1,
      windowFrames: 4,
    });
    const full = 1 / (1 + Math.exp(-2));
    assertClose([probability], [full], 1e-6);
    assert.deepEqual(windows, [
      { from: 0, to: 4 },
      { from: 4, to: 8 },
      { from: 8, to: 12 },
    ]);
    const expected = new Float64Array(12);
    expected[1 * 4 + 2] = full - 0.5;
    assertClose(drop, expected, 1e-6);
  });

  it('covers groups of coefficients, without the zero padding', async () => {
    const groups = [
      { name: 'low', from: 0, to: 2 },
      { name: 'high', from: 2, to: 4 },
    ];
    const { drop, windows } = await occlude(model, ones(), {
      shape,
      classIndex: 0,
      groups,
      frames: 5,
      windowFrames: 5,
    });
    assert.deepEqual(windows, [{ from: 0, to: 5 }]);
    // covering one of the two values makes the other class more likely
    assertClose(drop, [0, 1 / (1 + Math.exp(2)) - 1 / (1 + Math.E)], 1e-6);
  });

  it('covers with the given values', async () => {
    const one = { shape, classIndex: 1, windowFrames: 12 };
    const same = await occlude(model, ones(), { ...one, fill: 1 });
    assertClose(same.drop, [0, 0, 0, 0], 1e-12);
    const means = await occlude(model, ones(), { ...one, fill: [9, 9, 1, 9] });
    assertClose(means.drop, [0, 0, 0, 0], 1e-12);
  });

  it('does not change the row, and predicts in batches', async () => {
    const calls: number[] = [];
    const row = ones();
    await occlude(modelOf([0], calls), row, { shape, classIndex: 1, windowFrames: 3, batchSize: 10 });
    assert.deepEqual(calls, [10, 7]);
    assert.deepEqual(row, ones());
  });

  it('rejects invalid options', async () => {
    const bad = async (own: object, message: RegExp): Promise<void> => {
      await assert.rejects(occlude(model, ones(), { shape, classIndex: 1, ...own }), {
        name: 'InvalidArgumentError',
        message,
      });
    };
    await bad({ shape: [12, 5] }, /shape must be one with 48 values, like the row, got \[12,5\]/);
    await bad({ windowFrames: 0 }, /windowFrames must be a positive integer/);
    await bad({ frames: 13 }, /frames must be an integer from 1 to 12, got 13/);
    await bad(
      { groups: [{ name: 'x', from: 3, to: 5 }] },
      /groups must be non-empty ranges within 4 coefficients/,
    );
    await bad({ classIndex: 2 }, /classIndex must be an index into the 2 classes of the model, got 2/);
    await bad({ fill: [0] }, /fill must be one value, or one per coefficient \(4\), got 1/);
    await bad({ batchSize: 0 }, /batchSize must be a positive integer/);
  });
});

describe('checkFaithfulness', () => {
  const random = createRandom(11);
  const rows = Array.from({ length: 8 }, () => ({
    row: random.normals(48).map((value) => 1 + value / 4),
    classIndex: 1,
  }));
  const options = { shape, windowFrames: 3, steps: 8 };

  it('finds an occlusion faithful if the model uses a few cells', async () => {
    const check = await checkFaithfulness(modelOf([5, 17, 30]), rows, options);
    assert.equal(check.occlusions.length, 8);
    assert.deepEqual([check.important.length, check.random.length], [9, 9]);
    assertClose([check.important[0], check.important[8]], [check.random[0], check.random[8]], 1e-6);
    assert.ok(check.meanArea > 0.05);
    assert.ok(check.areas.every((area) => area > 0));
    assert.equal(check.pValue, 1 / 256);
  });

  it('finds no effect if all cells are equally important', async () => {
    const flat = rows.map(() => ({ row: ones(), classIndex: 1 }));
    const every = Array.from({ length: 48 }, (_, i) => i);
    const { meanArea, pValue } = await checkFaithfulness(modelOf(every), flat, options);
    assertClose([meanArea], [0], 1e-6);
    assert.ok(pValue > 0.3);
  });

  it('computes the area between the two curves', async () => {
    const check = await checkFaithfulness(modelOf([5, 17, 30]), rows, options);
    const area = (curve: Float64Array): number =>
      curve.reduce((sum, value, i) => sum + (i === 0 || i === 8 ? value / 2 : value), 0) / 8;
    assertClose([check.meanArea], [area(check.random) - area(check.important)], 1e-9);
  });

  it('is reproducible with the same seed', async () => {
    const check = async (seed: number): Promise<Float64Array> =>
      (await checkFaithfulness(modelOf([5]), rows, { ...options, seed })).areas;
    assert.deepEqual(await check(1), await check(1));
    assert.notDeepEqual(await check(1), await check(2));
  });

  it('rejects an empty list', async () => {
    await assert.rejects(
      checkFaithfulness(modelOf([5]), [], options),
      /rows must be a list with at least one row/,
    );
    await assert.rejects(
      checkFaithfulness(modelOf([5]), rows, { ...options, steps: 0 }),
      /steps must be a positive integer, got 0/,
    );
  });
});

describe('signFlipTest', () => {
  for (const { values, p } of golden.signFlips) {
    it(`has the p-value of scipy's permutation test for ${values.length} differences`, () => {
      assertClose([signFlipTest(values)], [p], 1e-12);
    });
  }

  it('draws signs if there are too many to enumerate, close to the exact p-value', () => {
    const random = createRandom(2);
    const values = Array.from({ length: 14 }, () => random.normal(0.3, 1));
    // a difference of 0 does not change the test, but makes too many values for enumeration
    assertClose([signFlipTest([...values, 0])], [signFlipTest(values)], 0.02);
  });

  it('rejects an empty list of values', () => {
    assert.throws(() => signFlipTest([1, NaN]), /differences must be finite numbers, got NaN/);
    assert.throws(() => signFlipTest([]), /differences must be a list with at least one number/);
  });
});

describe('coefficientGroups', () => {
  it('separates features and makes at most eight groups of each', () => {
    const columns = ['zcr', 'rms', ...Array.from({ length: 20 }, (_, i) => `mfcc${i}`)];
    const groups = coefficientGroups(columns);
    assert.deepEqual(
      groups.map(({ name }) => name),
      [
        'zcr',
        'rms',
        'mfcc 0–2',
        'mfcc 3–5',
        'mfcc 6–8',
        'mfcc 9–11',
        'mfcc 12–14',
        'mfcc 15–17',
        'mfcc 18–19',
      ],
    );
    assert.deepEqual(groups.at(-1), { name: 'mfcc 18–19', from: 20, to: 22 });
  });

  it('covers every column once', () => {
    const groups = coefficientGroups(Array.from({ length: 65 }, (_, i) => `logMel${i}`));
    assert.equal(groups[0].from, 0);
    groups.slice(1).forEach(({ from }, i) => assert.equal(from, groups[i].to));
    assert.equal(groups.at(-1)?.to, 65);
  });

  it('rejects an empty list of columns', () => {
    assert.throws(() => coefficientGroups([]), /columns must be a list with at least one name/);
    assert.throws(() => coefficientGroups(['zcr'], { most: 0 }), /most must be a positive integer, got 0/);
  });
});
