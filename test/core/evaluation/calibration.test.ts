import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createRandom } from '../../../src/core/base';
import {
  abstention,
  calibration,
  fitTemperature,
  metricOf,
  predictedClasses,
  scaleByTemperature,
  thresholdFor,
  withTemperature,
} from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';
import { golden, goldenPredictions } from './golden';
import { madeUpPredictions, predictionsOf } from './made-up-predictions';

describe('calibration', () => {
  for (const expected of golden.curves) {
    for (const binning of ['equal-width', 'equal-mass'] as const) {
      it(`has scikit-learn's reliability curve and the ECE for ${expected.name}, ${binning}`, () => {
        const { bins, ece } = calibration(goldenPredictions(expected.name), { bins: expected.bins, binning });
        const { accuracy, confidence, ece: error } = expected[binning];
        assertClose(
          bins.map((bin) => bin.accuracy),
          accuracy,
          1e-9,
          'accuracy',
        );
        assertClose(
          bins.map((bin) => bin.confidence),
          confidence,
          1e-9,
          'confidence',
        );
        assertClose([ece], [error], 1e-9, 'ECE');
      });
    }
  }

  it('assigns every row to a bin, so that means over bins equal means over rows', () => {
    const predictions = madeUpPredictions();
    const { bins, accuracy, rows } = calibration(predictions);
    assert.equal(
      bins.reduce((sum, bin) => sum + bin.rows, 0),
      rows,
    );
    assertClose([accuracy], [metricOf(predictions, 'accuracy')], 1e-12);
    for (const { interval, accuracy: own, from, to, confidence } of bins) {
      assert.ok(interval[0] <= own && own <= interval[1]);
      assert.ok(from <= confidence && confidence <= to);
    }
  });

  it('finds no error if accuracy equals confidence', () => {
    const rows = Array.from({ length: 8 }, (_, row) => ({
      actual: row < 6 ? 0 : 1,
      probabilities: [0.75, 0.25],
    }));
    assert.equal(calibration(predictionsOf(['happy', 'sad'], rows)).ece, 0);
  });

  it('rejects an invalid number of bins', () => {
    assert.throws(
      () => calibration(madeUpPredictions(), { bins: 0 }),
      /bins must be a positive integer, got 0/,
    );
  });
});

describe('fitTemperature', () => {
  for (const expected of golden.temperatures) {
    it(`finds the temperature that scipy finds for ${expected.name}`, () => {
      const { probabilities, actual } = goldenPredictions(expected.name);
      const fitted = fitTemperature(probabilities, actual);
      assertClose([fitted.temperature / expected.temperature], [1], 1e-5);
      assertClose(
        [fitted.logLossBefore, fitted.logLossAfter],
        [expected.logLossBefore, expected.logLossAfter],
        1e-9,
      );
    });
  }

  it('recovers the temperature applied to well-calibrated probabilities', () => {
    const random = createRandom(3);
    const rows = 4000;
    const logits = random.normals(3 * rows).map((value) => 1.5 * value);
    const fair = scaleByTemperature(logits, 3, 1, { from: 'logits' });
    const actual = Int32Array.from({ length: rows }, (_, row) => {
      const draw = random.uniform();
      return draw < fair[3 * row] ? 0 : draw < fair[3 * row] + fair[3 * row + 1] ? 1 : 2;
    });
    const tooSure = logits.map((value) => 2.5 * value);
    const { temperature } = fitTemperature(tooSure, actual, { from: 'logits' });
    assert.ok(Math.abs(temperature - 2.5) < 0.2, `${temperature}`);
  });

  it('gives the same result for logits and their probabilities', () => {
    const logits = createRandom(4).normals(7 * 50);
    const actual = Int32Array.from({ length: 50 }, (_, row) => row % 7);
    const fromLogits = fitTemperature(logits, actual, { from: 'logits' });
    const fromShares = fitTemperature(scaleByTemperature(logits, 7, 1, { from: 'logits' }), actual);
    assertClose([fromShares.temperature / fromLogits.temperature], [1], 1e-4);
  });

  const degenerate: [name: string, values: number[], actual: number[], temperature: number][] = [
    ['all predictions are correct', [0.9, 0.1, 0.2, 0.8], [0, 1], 1],
    ['all probabilities are equal', [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25], [0, 3], 1],
    ['the highest values are tied', [0.4, 0.4, 0.2, 0.4, 0.4, 0.2], [0, 1], 1],
    ['there is one class', [1, 1, 1], [0, 0, 0], 1],
    ['a single row is correct', [0.6, 0.4], [0], 1],
    ['a single row is wrong', [0.6, 0.4], [1], 50],
    ['all predictions are wrong', [0.9, 0.1, 0.2, 0.8], [1, 0], 50],
    ['all predictions are 0 or 1, and correct', [1, 0, 0, 1], [0, 1], 1],
    ['all predictions are 0 or 1, and half of them are wrong', [1, 0, 1, 0], [0, 1], 50],
    [
      'all rows have the same probabilities, with half of the rows in each class',
      [0.7, 0.3, 0.7, 0.3],
      [0, 1],
      50,
    ],
  ];
  for (const [name, values, actual, expected] of degenerate) {
    it(`returns ${expected} if ${name}`, () => {
      const fitted = fitTemperature(Float32Array.from(values), Int32Array.from(actual));
      assertClose([fitted.temperature / expected], [1], 1e-6);
      assert.ok(Number.isFinite(fitted.logLossBefore) && fitted.logLossAfter <= fitted.logLossBefore);
    });
  }

  it('rejects values that are not finite, and labels that are no class', () => {
    const values = Float32Array.of(0.5, 0.5, NaN, 0.5);
    assert.throws(
      () => fitTemperature(values, Int32Array.of(0, 1)),
      /values must be finite numbers, got NaN/,
    );
    const logits = Float32Array.of(0, -Infinity);
    assert.throws(
      () => fitTemperature(logits, Int32Array.of(1), { from: 'logits' }),
      /values must be finite numbers, got -Infinity/,
    );
    assert.throws(
      () => fitTemperature(Float32Array.of(0.5, 0.5), Int32Array.of(2)),
      /actual must be class indices from 0 to 1, got 2/,
    );
  });

  it('rejects values that do not match the rows', () => {
    assert.throws(
      () => fitTemperature(new Float32Array(7), Int32Array.of(0, 1)),
      /values must be of a length divisible by the 2 rows/,
    );
    assert.throws(() => fitTemperature(new Float32Array(0), new Int32Array(0)), /actual must be a list/);
    assert.throws(
      () => scaleByTemperature(new Float32Array(2), 2, 0),
      /temperature must be a positive number, got 0/,
    );
  });
});

describe('withTemperature', () => {
  it('keeps the predictions and lowers their confidence at higher temperatures', () => {
    const predictions = madeUpPredictions();
    fc.assert(
      fc.property(fc.double({ min: 1.1, max: 10, noNaN: true }), (temperature) => {
        const scaled = withTemperature(predictions, temperature);
        assert.deepEqual(predictedClasses(scaled), predictedClasses(predictions));
        assert.ok(calibration(scaled).confidence < calibration(predictions).confidence);
        assert.equal(scaled.protocol, predictions.protocol);
      }),
      { numRuns: 10 },
    );
  });

  it('changes nothing at 1', () => {
    const predictions = madeUpPredictions();
    assertClose(withTemperature(predictions, 1).probabilities, predictions.probabilities, 1e-6);
  });
});

describe('abstention', () => {
  for (const { name, aurc } of golden.curves) {
    it(`has the area under the risk–coverage curve for ${name}`, () => {
      assertClose([abstention(goldenPredictions(name)).aurc], [aurc], 1e-12);
    });
  }

  const predictions = predictionsOf(
    ['happy', 'sad'],
    [
      { actual: 0, probabilities: [0.5625, 0.4375] },
      { actual: 0, probabilities: [0.9375, 0.0625] },
      { actual: 1, probabilities: [0.75, 0.25] },
      { actual: 0, probabilities: [0.75, 0.25] },
    ],
  );

  it('answers the most confident rows first, tied rows together', () => {
    const { threshold, coverage, accuracy, errorRate, aurc } = abstention(predictions);
    assert.deepEqual([...threshold], [0.9375, 0.75, 0.5625]);
    assert.deepEqual([...coverage], [0.25, 0.75, 1]);
    assertClose(accuracy, [1, 2 / 3, 3 / 4], 1e-12);
    assert.equal(errorRate, 0.25);
    assertClose([aurc], [(0 + 0.25 + 1 / 3 + 0.25) / 4], 1e-12);
  });

  it('beats random abstention if confidence is informative', () => {
    const { aurc, errorRate } = abstention(madeUpPredictions());
    assert.ok(aurc < 0.8 * errorRate);
  });

  it('finds the threshold with the highest coverage at a given accuracy', () => {
    const curve = abstention(predictions);
    assert.deepEqual(thresholdFor(curve, 0.7), { threshold: 0.5625, coverage: 1, accuracy: 0.75 });
    assert.deepEqual(thresholdFor(curve, 0.9), { threshold: 0.9375, coverage: 0.25, accuracy: 1 });
    assert.equal(thresholdFor({ ...curve, accuracy: curve.accuracy.map(() => 0.5) }, 0.6), undefined);
    assert.throws(() => thresholdFor(curve, 90), /accuracy must be a number from 0 to 1, got 90/);
  });
});
