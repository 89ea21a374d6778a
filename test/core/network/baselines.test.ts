import assert from 'node:assert/strict';
import { createRandom } from '../../../src/core/base';
import { presets } from '../../../src/core/config';
import {
  type Classifier,
  type ClassifierState,
  type Engine,
  engineNames,
  knnClassifier,
  majorityClassifier,
} from '../../../src/core/network';
import { createBaseline, loadEngine, restoreBaseline, svmClassifier } from '../../../src/node/engine';
import { assertClose } from '../../assert-close';

/** Points in three overlapping clusters. */
function clouds(count: number, rowSize: number, seed: number) {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const x = Float32Array.from(
    { length: count * rowSize },
    (_, i) => random.normal() + (i % rowSize === labels[Math.floor(i / rowSize)] ? 2 : 0),
  );
  return { x, labels };
}

/** The vote shares, computed by the definition. */
function sharesOfNeighbours(
  { x, labels }: ReturnType<typeof clouds>,
  queries: Float32Array,
  rowSize: number,
  neighbours: number,
): number[] {
  const distance = (a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < rowSize; k++) sum += (queries[a * rowSize + k] - x[b * rowSize + k]) ** 2;
    return sum;
  };
  return Array.from({ length: queries.length / rowSize }, (_, row) => {
    const order = [...labels.keys()].sort((a, b) => distance(row, a) - distance(row, b));
    const near = order.slice(0, neighbours).map((i) => labels[i]);
    return [0, 1, 2].map((label) => near.filter((one) => one === label).length / neighbours);
  }).flat();
}

const rowsWithMostOf = (probabilities: Float32Array, labels: Int32Array) =>
  labels.filter((label, row) => {
    const own = [...probabilities.subarray(3 * row, 3 * row + 3)];
    return own.indexOf(Math.max(...own)) === label;
  }).length;

const throughJson = (classifier: Classifier) => JSON.parse(JSON.stringify(classifier)) as ClassifierState;

for (const name of engineNames) {
  describe(`knnClassifier on the ${name} engine`, () => {
    let engine: Engine;
    before(async function () {
      engine = await loadEngine(name).catch((error: unknown) => {
        if (name === 'wasm') throw error;
        return this.skip();
      });
    });
    after(() => loadEngine());

    it('returns the vote shares of the nearest neighbours, also far from the origin', async () => {
      for (const [rowSize, far] of [
        [3, 0],
        [20, 300],
      ]) {
        // prettier-ignore
        const training = clouds(90, rowSize, 1);
        const queries = clouds(40, rowSize, 2).x.map((value) => value + far);
        training.x.forEach((value, i) => (training.x[i] = value + far));
        const classifier = knnClassifier({ tf: engine.tf, neighbours: 5 });
        await classifier.fit(training.x, rowSize, training.labels, 3);
        const before = engine.tf.memory().numTensors;
        const shares = await classifier.predict(queries);
        assert.equal(engine.tf.memory().numTensors, before);
        assertClose(shares, sharesOfNeighbours(training, queries, rowSize, 5), 1e-6);
      }
    });
  });
}

describe('baselines', () => {
  const training = clouds(120, 4, 1);
  const test = clouds(60, 4, 2);
  let tf: Engine['tf'];
  let all: Classifier[];
  before(async () => {
    ({ tf } = await loadEngine());
    all = [knnClassifier({ tf }), svmClassifier(), majorityClassifier()];
    for (const classifier of all) await classifier.fit(training.x, 4, training.labels, 3);
  });

  it('return probabilities that sum to 1, and the same for single rows', async () => {
    for (const classifier of all) {
      const probabilities = await classifier.predict(test.x);
      assert.equal(probabilities.length, 60 * 3);
      for (let row = 0; row < 60; row++) {
        const own = probabilities.subarray(3 * row, 3 * row + 3);
        assert.ok(Math.abs(own[0] + own[1] + own[2] - 1) < 1e-5);
      }
      const second = await classifier.predict(test.x.subarray(4, 8));
      assertClose(second, probabilities.subarray(3, 6), 1e-6);
      assert.equal((await classifier.predict(new Float32Array(0))).length, 0);
    }
  });

  it('separate the clusters, except for the majority class', async () => {
    const right = await Promise.all(
      all.map(async (classifier) => rowsWithMostOf(await classifier.predict(test.x), test.labels)),
    );
    assert.ok(right[0] >= 42 && right[1] >= 45, right.join());
    assert.equal(right[2], 20);
  });

  it('are restored from JSON', async () => {
    for (const classifier of all) {
      const again = restoreBaseline(throughJson(classifier), tf);
      assert.equal(again.kind, classifier.kind);
      assert.deepEqual(await again.predict(test.x), await classifier.predict(test.x));
      assert.deepEqual(throughJson(again), throughJson(classifier));
    }
  });

  it('are replaced by a new fit, and do not reference their inputs', async () => {
    const { x, labels } = clouds(30, 2, 3);
    for (const classifier of [knnClassifier({ tf }), svmClassifier(), majorityClassifier()]) {
      await classifier.fit(training.x, 4, training.labels, 3);
      const given = [x.slice(), labels.slice()] as const;
      await classifier.fit(given[0], 2, given[1], 3);
      const before = await classifier.predict(x);
      given[0].fill(0);
      given[1].fill(0);
      assert.deepEqual(await classifier.predict(x), before);
    }
  });

  it('reject invalid training rows', async () => {
    const { x, labels } = clouds(6, 2, 1);
    const withNaN = x.slice();
    withNaN[7] = NaN;
    const cases: [Parameters<Classifier['fit']>, RegExp][] = [
      [[x, 0, labels, 3], /rowSize must be a positive integer, got 0/],
      [[x, 2, labels, 2], /labels must be integers from 0 to 1, got 2/],
      [[x, 2, labels, 0], /classes must be a positive integer, got 0/],
      [[x, 3, labels, 3], /x must be of length 18 \(6 labels × 3 values per row\), got 12/],
      [
        [new Float32Array(0), 2, new Int32Array(0), 3],
        /labels must be a list with at least one row, got \[\]/,
      ],
      [[withNaN, 2, labels, 3], /x must be finite in every element \(row 3, column 1\), got NaN/],
    ];
    for (const classifier of [knnClassifier({ tf }), svmClassifier(), majorityClassifier()]) {
      await assert.rejects(classifier.predict(x), /classifier is not fitted: call fit first/);
      assert.throws(() => classifier.toJSON(), /classifier is not fitted/);
      for (const [parameters, message] of cases) await assert.rejects(classifier.fit(...parameters), message);
    }
    await assert.rejects(
      all[1].predict(x.subarray(0, 3)),
      /x must be of a length divisible by 4 \(values per row\), got 3/,
    );
    await assert.rejects(
      knnClassifier({ tf, neighbours: 7 }).fit(x, 2, labels, 3),
      /neighbours must be at most the number of training rows \(6\), got 7/,
    );
    await assert.rejects(
      svmClassifier().fit(x, 2, new Int32Array(6), 3),
      /labels must be of at least two classes, got 0/,
    );
    assert.throws(() => knnClassifier({ tf, neighbours: 0 }), /neighbours must be a positive integer, got 0/);
    assert.throws(() => svmClassifier({ c: 0 }), /c must be a positive number, got 0/);
    assert.throws(() => svmClassifier({ gamma: -1 }), /gamma must be a positive number, or scale, got -1/);
  });

  it('reject damaged saved states', () => {
    const damaged = (kind: number, change: object) => () =>
      restoreBaseline({ ...throughJson(all[kind]), ...change }, tf);
    const { model } = throughJson(all[1]) as { model: string };
    assert.throws(damaged(0, { x: 'AAAA' }), /x must be 120 rows of 4 values in base64/);
    assert.throws(damaged(0, { neighbours: 500 }), /neighbours must be at most the number of training rows/);
    assert.throws(damaged(1, { model: model.slice(0, -20) }), /model must be a complete LIBSVM model/);
    assert.throws(
      damaged(1, { model: model.replace('c_svc', 'nu_svr') }),
      /model must be a complete LIBSVM model/,
    );
    assert.throws(damaged(1, { classes: 2 }), /with probabilities of 2 classes/);
    assert.throws(damaged(2, { shares: [1] }), /shares must be one per class \(3\), with a sum of 1/);
    assert.throws(damaged(2, { kind: 'forest' }), /kind must be one of knn, svm, majority, got "forest"/);
  });

  it('are created from a config', async () => {
    const { model } = presets.compact;
    const fitted = async (changes: Partial<typeof model>) => {
      const classifier = createBaseline({ ...model, ...changes }, tf);
      await classifier.fit(training.x, 4, training.labels, 3);
      return classifier.toJSON() as unknown as Record<string, unknown>;
    };
    assert.equal((await fitted({ kind: 'knn', neighbours: 3 })).neighbours, 3);
    const { c, gamma } = await fitted({ kind: 'svm', svmC: 2, svmGamma: 0.25 });
    assert.deepEqual([c, gamma], [2, 0.25]);
    assert.equal((await fitted({ kind: 'majority' })).kind, 'majority');
    assert.throws(() => createBaseline(model, tf), /model.kind must be one of knn, .* got "compact"/);
  });
});

describe('svmClassifier', () => {
  const training = clouds(60, 3, 1);

  it('separates classes that are not linearly separable, and scales its kernel by the variance', async () => {
    const x = Float32Array.from({ length: 160 }, (_, i) => [-1, -1, -1, 1, 1, -1, 1, 1][i % 8]);
    const labels = Int32Array.from({ length: 80 }, (_, i) => [0, 1, 1, 0][i % 4]);
    const classifier = svmClassifier();
    await classifier.fit(x, 2, labels, 3);
    const probabilities = await classifier.predict(x);
    assert.equal(rowsWithMostOf(probabilities, labels), 80);
    assert.equal((classifier.toJSON() as { gamma: number }).gamma, 0.5);
    for (let row = 0; row < 80; row++) assert.equal(probabilities[3 * row + 2], 0); // no training row has this class
  });

  it('is deterministic, and does not affect the process', async () => {
    const listeners = process.listenerCount('unhandledRejection');
    const [one, two] = [svmClassifier(), svmClassifier()];
    await one.fit(training.x, 3, training.labels, 3);
    await two.fit(training.x, 3, training.labels, 3);
    assert.deepEqual(one.toJSON(), two.toJSON());
    assert.equal(process.listenerCount('unhandledRejection'), listeners);
    assert.equal(typeof fetch, 'function');
  });

  it('stops immediately when aborted', async () => {
    const many = clouds(6000, 40, 1);
    const control = new AbortController();
    const fitting = svmClassifier().fit(many.x, 40, many.labels, 3, { signal: control.signal });
    setTimeout(() => {
      control.abort(new Error('enough'));
    }, 300);
    await assert.rejects(fitting, /enough/);
    const aborted = { signal: control.signal };
    await assert.rejects(svmClassifier().fit(many.x, 40, many.labels, 3, aborted), /enough/);
  });
});
