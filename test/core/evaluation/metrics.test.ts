import assert from 'node:assert/strict';

import fc from 'fast-check';

import { emotions } from '../../../src/core/base';
import {
  checkPredictions,
  classificationReport,
  classScores,
  confusionMatrix,
  formatClassificationReport,
  metricNames,
  metricOf,
  mostConfidentMistakes,
  mostConfusedPairs,
  predictedClasses,
  rowShares,
  selectCorpus,
  selectRows,
} from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';
import { golden, goldenPredictions } from './golden';
import { leaky, madeUpPredictions, predictionsOf } from './made-up-predictions';

describe('metrics, against scikit-learn', () => {
  for (const expected of golden.scores) {
    const predictions = goldenPredictions(expected.name);

    it(`agree for ${expected.name}`, () => {
      assert.deepEqual([...predictedClasses(predictions)], expected.predicted);
      const matrix = confusionMatrix(predictions);
      assert.deepEqual([...matrix.counts], expected.confusion);
      const scores = classScores(matrix);
      for (const key of ['precision', 'recall', 'f1', 'support'] as const) {
        assertClose(
          scores.map((one) => one[key]),
          expected[key],
          1e-12,
          key,
        );
      }
      for (const metric of metricNames) {
        assertClose(
          [metricOf(predictions, metric)],
          [expected[metric]],
          metric === 'logLoss' || metric === 'brier' ? 2e-6 : 1e-12,
          metric,
        );
      }
    });

    it(`are reported for ${expected.name} in the same table, between the protocol and the UAR`, () => {
      const [first, ...lines] = formatClassificationReport(classificationReport(predictions), {
        digits: 4,
      }).split('\n');
      assert.match(first, /^Protocol: speakers \(new speakers of the same corpora, /);
      assert.match(lines.at(-2)!, /^ *UAR +\d\.\d{4} +\d+$/);
      const table = lines.slice(0, -2).join('\n');
      // scikit-learn's table ends with an empty line, where ours has the UAR
      assert.equal(table.replace(/ +$/gm, ''), expected.report.trimEnd().replace(/ +$/gm, ''));
    });
  }

  it('distinguish the UAR (classes with rows) from the macro recall (classes that occur)', () => {
    const report = classificationReport(goldenPredictions('two classes that never occur'));
    assert.ok(report.uar > report.macro.recall);
    assert.equal(report.uar, metricOf(goldenPredictions('two classes that never occur'), 'uar'));
  });
});

describe('predictions', () => {
  const good = madeUpPredictions();

  it('pass the check if they are valid', () => {
    checkPredictions(good);
  });

  const broken: [string, object, RegExp][] = [
    ['no clips', { clips: [] }, /^clips must be a list with at least one clip/],
    ['a class named twice', { classes: ['sad', 'sad'] }, /^classes must be a list of distinct emotions/],
    [
      'an unknown protocol',
      { protocol: 'rows' },
      /^protocol must be one of paper-rows, clips, .* got "rows"/,
    ],
    [
      'isLeaky false under a leaky protocol',
      { protocol: 'paper-rows' },
      /^isLeaky must be true for paper-rows, got false/,
    ],
    ['fewer labels than clips', { actual: new Int32Array(3) }, /^actual must be 872 values, .* got 3/],
    ['too few probabilities', { probabilities: new Float32Array(872) }, /^probabilities must be 6104 values/],
    [
      'a class out of range',
      { actual: good.actual.map(() => 7) },
      /^actual must be indices into the 7 classes, got 7/,
    ],
    [
      'a fold out of range',
      { splitOf: good.splitOf.map(() => -1) },
      /^splitOf must be indices into the 5 splits/,
    ],
    ['seeds of too few rows', { seedOf: new Int32Array(1) }, /^seedOf must be 872 values/],
    [
      'logits',
      { probabilities: good.probabilities.map(Math.log) },
      /^probabilities of row 0 must be non-negative numbers that sum to 1/,
    ],
    [
      'NaN',
      { probabilities: good.probabilities.map((p, i) => (i === 9 ? NaN : p)) },
      /^probabilities of row 1 /,
    ],
  ];
  for (const [name, own, message] of broken) {
    it(`are rejected with ${name}`, () => {
      assert.throws(() => checkPredictions({ ...good, ...own }), { name: 'InvalidArgumentError', message });
    });
  }

  it('use the first of tied classes, like numpy', () => {
    assert.deepEqual([...predictedClasses(goldenPredictions('ties'))], [0, 0, 2, 1]);
  });

  it('can be reduced to some rows, in any order', () => {
    const some = selectRows({ ...good, seedOf: good.actual }, [5, 2]);
    assert.deepEqual(some.clips, [good.clips[5], good.clips[2]]);
    assert.deepEqual([...some.actual, ...some.seedOf!], [5, 2, 5, 2]);
    assert.deepEqual(some.probabilities.subarray(7), good.probabilities.subarray(14, 21));
    checkPredictions(some);
  });
});

describe('selectCorpus', () => {
  it('selects the rows of one corpus', () => {
    const tess = selectCorpus(madeUpPredictions(), 'TESS');
    assert.equal(tess.clips.length, 140);
    assert.ok(tess.clips.every(({ corpus }) => corpus === 'TESS'));
    checkPredictions(tess);
  });

  it('rejects an unknown corpus', () => {
    assert.throws(
      () => selectCorpus(madeUpPredictions(), 'EMO-DB'),
      /corpus must be one of RAVDESS, CREMA-D, TESS, got "EMO-DB"/,
    );
  });
});

describe('confusionMatrix', () => {
  it('counts every row once, and its row shares add up to 1', () => {
    const predictions = madeUpPredictions();
    const matrix = confusionMatrix(predictions);
    assert.equal(
      matrix.counts.reduce((sum, count) => sum + count),
      predictions.clips.length,
    );
    const shares = rowShares(matrix);
    for (let k = 0; k < 7; k++) {
      const sum = shares.subarray(7 * k, 7 * (k + 1)).reduce((total, share) => total + share, 0);
      assertClose([sum], [1], 1e-12);
    }
  });

  it('has NaN shares for an emotion that does not occur', () => {
    const shares = rowShares({ classes: ['angry', 'sad'], counts: Int32Array.of(3, 1, 0, 0) });
    assert.deepEqual([...shares], [0.75, 0.25, NaN, NaN]);
  });

  it('includes the protocol', () => {
    assert.equal(confusionMatrix(leaky(madeUpPredictions())).isLeaky, true);
  });
});

describe('metrics of arbitrary predictions', () => {
  const rows = fc.array(fc.record({ actual: fc.nat(6), predicted: fc.nat(6) }), {
    minLength: 1,
    maxLength: 40,
  });

  it('do not depend on the order of the rows', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const of = (items: typeof list): number[] => {
          const probabilities = (predicted: number): number[] =>
            emotions.map((_, k) => (k === predicted ? 0.4 : 0.1));
          const predictions = predictionsOf(
            emotions,
            items.map(({ actual, predicted }) => ({ actual, probabilities: probabilities(predicted) })),
          );
          return metricNames.map((metric) => metricOf(predictions, metric));
        };
        assertClose(of([...list].reverse()), of(list), 1e-12);
      }),
    );
  });
});

describe('mostConfidentMistakes', () => {
  const predictions = predictionsOf(
    ['angry', 'happy', 'sad'],
    [
      { actual: 0, probabilities: [0.125, 0.75, 0.125] },
      { actual: 1, probabilities: [0, 1, 0] },
      { actual: 2, probabilities: [0.875, 0, 0.125] },
      { actual: 2, probabilities: [0.5, 0.25, 0.25], clip: { path: '2.wav' } },
      { actual: 0, probabilities: [0.25, 0.375, 0.375] },
    ],
  );

  it('lists wrong predictions by confidence, each clip once', () => {
    assert.deepEqual(
      mostConfidentMistakes(predictions).map(({ row, actual, predicted, confidence, actualProbability }) => [
        row,
        actual,
        predicted,
        confidence,
        actualProbability,
      ]),
      [
        [2, 'sad', 'angry', 0.875, 0.125],
        [0, 'angry', 'happy', 0.75, 0.125],
        [4, 'angry', 'happy', 0.375, 0.25],
      ],
    );
  });

  it('lists at most `count`, and nothing if all predictions are correct', () => {
    assert.equal(mostConfidentMistakes(predictions, { count: 1 })[0].clip.path, '2.wav');
    assert.deepEqual(mostConfidentMistakes(selectRows(predictions, [1])), []);
    assert.throws(
      () => mostConfidentMistakes(predictions, { count: 0 }),
      /^InvalidArgumentError: count must be/,
    );
  });
});

describe('mostConfusedPairs', () => {
  it('ranks by share of the actual emotion, not by count', () => {
    const counts = Int32Array.of(80, 20, 0, 4, 6, 0, 0, 0, 0);
    assert.deepEqual(mostConfusedPairs({ classes: ['angry', 'happy', 'sad'], counts }), [
      { actual: 'happy', predicted: 'angry', count: 4, share: 0.4 },
      { actual: 'angry', predicted: 'happy', count: 20, share: 0.2 },
    ]);
  });

  it('rejects a count that is not a positive integer', () => {
    const matrix = { classes: ['sad'] as const, counts: Int32Array.of(1) };
    assert.throws(
      () => mostConfusedPairs(matrix, { count: 1.5 }),
      /count must be a positive integer, got 1.5/,
    );
  });
});
