import assert from 'node:assert/strict';
import { checkValue, describeOption, optionPaths } from '../../../src/core/config';
import {
  gridPlan,
  halvingRungs,
  parseSweepSpace,
  randomPlan,
  type SweepSpace,
} from '../../../src/node/sweep';

describe('gridPlan', () => {
  it('contains every combination once; the last option varies fastest', () => {
    assert.deepEqual(gridPlan({ 'model.width': [32, 64], 'model.head': ['pool', 'flatten'], seed: [1] }), [
      { 'model.width': 32, 'model.head': 'pool', seed: 1 },
      { 'model.width': 32, 'model.head': 'flatten', seed: 1 },
      { 'model.width': 64, 'model.head': 'pool', seed: 1 },
      { 'model.width': 64, 'model.head': 'flatten', seed: 1 },
    ]);
  });

  it('rejects ranges', () => {
    assert.throws(
      () => gridPlan({ 'training.mixup': { uniform: [0, 1] } }),
      /training.mixup must be a list of values \(in a grid\), got .*; list the values, or use random search/,
    );
  });
});

describe('plans of too many trials', () => {
  it('are rejected before they are made', () => {
    const values = Array.from({ length: 300 }, (_, i) => i);
    assert.throws(
      () => gridPlan({ seed: values, 'dataset.seed': values }),
      /a grid of at most 10000 combinations/,
    );
    assert.throws(
      () => randomPlan({ seed: values }, { trials: 1e9, seed: 1 }),
      /trials must be at most 10000/,
    );
    assert.throws(() => parseSweepSpace([`model.width=${'1'.repeat(20_000)}`]), /at most 10000 characters/);
  });
});

describe('randomPlan', () => {
  const space: SweepSpace = {
    'training.learningRate': { logUniform: [1e-4, 1e-2] },
    'training.mixup': { uniform: [0.2, 0.4] },
    'training.epochs': { integer: [3, 5] },
    'model.width': [64, 128],
  };

  it('draws list values, integers and orders of magnitude with equal probability', () => {
    const plan = randomPlan(space, { trials: 400, seed: 1 }) as Record<string, number>[];
    assert.equal(plan.length, 400);
    const valuesOf = (path: string) => plan.map((values) => values[path]);
    const within = (path: string, low: number, high: number) =>
      valuesOf(path).filter((value) => value >= low && value < high).length;
    assert.equal(within('training.learningRate', 1e-4, 1e-2), 400);
    assert.ok(Math.abs(within('training.learningRate', 1e-4, 1e-3) - 200) < 50);
    assert.equal(within('training.mixup', 0.2, 0.4), 400);
    assert.ok(Math.abs(within('training.mixup', 0.2, 0.3) - 200) < 50);
    assert.deepEqual([...new Set(valuesOf('training.epochs'))].sort(), [3, 4, 5]);
    assert.ok(Math.abs(within('training.epochs', 5, 6) - 133) < 45);
    assert.ok(Math.abs(within('model.width', 64, 65) - 200) < 50);
  });

  it('depends only on the seed, and a longer plan starts with the shorter one', () => {
    const plan = randomPlan(space, { trials: 20, seed: 7 });
    assert.deepEqual(randomPlan(space, { trials: 20, seed: 7 }), plan);
    assert.deepEqual(randomPlan(space, { trials: 5, seed: 7 }), plan.slice(0, 5));
    assert.notDeepEqual(randomPlan(space, { trials: 20, seed: 8 }), plan);
  });

  it('repeats no config, and stops when the space is exhausted', () => {
    const plan = randomPlan(
      { 'model.width': [1, 2, 3], 'model.head': ['pool', 'flatten'] },
      { trials: 50, seed: 1 },
    );
    assert.equal(plan.length, 6);
    assert.equal(new Set(plan.map((values) => JSON.stringify(values))).size, 6);
  });

  const invalid: [SweepSpace, RegExp][] = [
    [{}, /space must be an object with at least one option, got \{\}/],
    [{ 'training.learningrate': [1] } as SweepSpace, /did you mean training.learningRate\?/],
    [{ 'model.width': [] }, /model.width must be a list of at least one value, got \[\]/],
    [{ 'model.width': [64, 6.5] }, /model.width must be an integer from 1 to 4096 \(channels\), got 6.5/],
    [
      { 'model.width': { uniform: [32, 64] } },
      /model.width must be an integer from 1 to 4096 \(channels\), got 54.6/,
    ],
    [
      { 'model.width': { integer: [0, 64] } },
      /model.width must be an integer from 1 to 4096 \(channels\), got 0/,
    ],
    [
      { 'training.learningRate': { logUniform: [0, 1] } },
      /space: training.learningRate must be a list .*logUniform/,
    ],
    [{ 'training.mixup': { uniform: [1, 1] } }, /space: training.mixup must be a list/],
    [{ 'training.epochs': { integer: [1, 2.5] } }, /space: training.epochs must be a list/],
    [
      { 'training.mixup': { normal: [1, 2] } } as unknown as SweepSpace,
      /space: training.mixup must be a list/,
    ],
    [{ 'training.mixup': 3 } as unknown as SweepSpace, /space: training.mixup must be a list/],
    [{ 'training.mixup': null } as unknown as SweepSpace, /space: training.mixup must be a list/],
  ];
  for (const [wrong, message] of invalid) {
    it(`rejects ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => randomPlan(wrong, { trials: 1, seed: 1 }), message);
    });
  }

  it('rejects a number of trials that is not a positive integer', () => {
    assert.throws(
      () => randomPlan(space, { trials: 0, seed: 1 }),
      /trials must be a positive integer, got 0/,
    );
  });
});

describe('halvingRungs', () => {
  const rungs = (trials: number, minEpochs: number, maxEpochs: number, factor = 3) =>
    halvingRungs({ trials, minEpochs, maxEpochs, factor }).map(({ trials, epochs }) => [trials, epochs]);

  it('divides the trials and multiplies the epochs by the same factor, up to all epochs', () => {
    assert.deepEqual(rungs(27, 1, 27), [[27, 1], [9, 3], [3, 9], [1, 27]]); // prettier-ignore
    assert.deepEqual(rungs(20, 3, 30), [[20, 3], [6, 9], [2, 27], [1, 30]]); // prettier-ignore
    assert.deepEqual(rungs(8, 5, 20, 2), [[8, 5], [4, 10], [2, 20]]); // prettier-ignore
    assert.deepEqual(rungs(5, 2, 10, 1.5), [[5, 2], [3, 3], [2, 5], [1, 10]]); // prettier-ignore
    assert.deepEqual(rungs(20, 1, 9, 1.5), [[20, 1], [13, 2], [5, 3], [3, 5], [2, 8], [1, 9]]); // prettier-ignore
  });

  it('runs all epochs for the last single trial, and at once if there is nothing to halve', () => {
    assert.deepEqual(rungs(4, 1, 100), [[4, 1], [1, 100]]); // prettier-ignore
    assert.deepEqual(rungs(4, 10, 10), [[4, 10]]); // prettier-ignore
    assert.deepEqual(rungs(1, 1, 10), [[1, 10]]); // prettier-ignore
  });

  it('rejects invalid rounds', () => {
    assert.throws(() => rungs(0, 1, 3), /trials must be a positive integer, got 0/);
    assert.throws(
      () => rungs(4, 4, 3),
      /minEpochs must be an integer from 1 to training.epochs \(3\), got 4/,
    );
    assert.throws(() => rungs(4, 1, 3, 1), /factor must be a number from 1.1 to 1000, got 1/);
  });
});

describe('parseSweepSpace', () => {
  it('parses lists and ranges', () => {
    assert.deepEqual(
      parseSweepSpace([
        'model.width=64,128',
        'model.head=pool,flatten',
        'corpora=all,demo RAVDESS',
        'training.clipNorm=null,.5',
        'training.mixup=0..0.4',
        'model.dropout=.5..1.5',
        'training.learningRate = log:1e-4..1e-2',
        'training.epochs=int:5..20',
      ]),
      {
        'model.width': [64, 128],
        'model.head': ['pool', 'flatten'],
        corpora: ['all', ['demo RAVDESS']],
        'training.clipNorm': [null, 0.5],
        'training.mixup': { uniform: [0, 0.4] },
        'model.dropout': { uniform: [0.5, 1.5] },
        'training.learningRate': { logUniform: [1e-4, 1e-2] },
        'training.epochs': { integer: [5, 20] },
      },
    );
  });

  it('uses the declared range of an option without values', () => {
    assert.deepEqual(parseSweepSpace(['model.width', 'training.learningRate']), {
      'model.width': [32, 64, 128],
      'training.learningRate': { logUniform: [1e-4, 1e-2] },
    });
    assert.throws(
      () => parseSweepSpace(['seed']),
      /--space must be of the form seed=VALUES, as seed has no declared sweep range, got "seed"/,
    );
  });

  it('can draw from the declared range of every option', () => {
    const paths = optionPaths.filter((path) => describeOption(path).sweep);
    assert.ok(paths.length > 20);
    const plan = randomPlan(parseSweepSpace(paths), { trials: 50, seed: 1 });
    for (const values of plan) for (const path of paths) checkValue(path, values[path]);
  });

  it('rejects anything else', () => {
    const space = (text: string) => () => parseSweepSpace([text]);
    assert.throws(space('=64'), /--space must be of the form model.width=64,128, got "=64"/);
    assert.throws(space('width=1,2'), /did you mean model.width\?/);
    assert.throws(
      space('model.width=64,x'),
      /model.width must be an integer from 1 to 4096 \(channels\), got "x"/,
    );
    assert.throws(
      space('training.mixup=a..b'),
      /training.mixup must be a range of numbers such as 0.1..0.5, got "a..b"/,
    );
    assert.throws(space('training.mixup=..1'), /training.mixup must be a range of numbers/);
  });
});
