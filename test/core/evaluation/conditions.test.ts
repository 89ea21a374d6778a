import assert from 'node:assert/strict';
import { conditionsReport, formatConditions } from '../../../src/core/evaluation';
import { conditionsFigure } from '../../../src/core/figures';
import { predictionsOf } from './made-up-predictions';

/** Eight clips of four speakers; the first `right` are predicted correctly, with the given confidence. */
const withRight = (right: number, confidence = 0.8) =>
  predictionsOf(
    ['sad', 'angry'],
    Array.from({ length: 8 }, (_, i) => {
      const isRight = i < right;
      const actual = i % 2;
      const ofFirst = (actual === 0) === isRight ? confidence : 1 - confidence;
      return {
        actual,
        probabilities: [ofFirst, 1 - ofFirst],
        clip: { speaker: `S-${i >> 1}`, path: `${i}.wav` },
      };
    }),
  );

describe('conditionsReport', () => {
  const report = conditionsReport(
    [
      { condition: 'as recorded', predictions: withRight(8) },
      { condition: 'noise', predictions: withRight(4) },
      { condition: 'silence', predictions: withRight(4, 0.55) },
    ],
    { threshold: 0.6, skipped: [{ condition: 'MP3', reason: 'ffmpeg is not installed' }] },
  );

  it('compares each condition with the first one, paired by clip', () => {
    assert.deepEqual(
      report.rows.map(({ condition, accuracy, change }) => [condition, accuracy.value, change?.value]),
      [
        ['as recorded', 1, undefined],
        ['noise', 0.5, -0.5],
        ['silence', 0.5, -0.5],
      ],
    );
    const { low, high } = report.rows[1].change!.interval;
    assert.ok(low <= -0.5 && high >= -0.5 && low >= -1 && high <= 0);
  });

  it('states calibration error and abstention', () => {
    const [clean, noise, silence] = report.rows;
    for (const [row, ece] of [
      [clean, 0.2],
      [noise, 0.3],
      [silence, 0.05],
    ] as const)
      assert.ok(Math.abs(row.ece - ece) < 1e-6, `${row.condition}: ${row.ece}`);
    assert.deepEqual([clean.abstained, clean.answered], [0, 1]);
    assert.deepEqual([noise.abstained, noise.answered], [0, 0.5]);
    assert.deepEqual([silence.abstained, silence.answered], [1, null]);
  });

  it('is formatted with the protocol and the conditions that were skipped', () => {
    const text = formatConditions(report);
    assert.match(text, /8 test clips of fold 1.*protocol speakers/);
    assert.match(text, /noise +50.0 % \[.*-50.0 \[/);
    assert.match(text, /not measured: MP3: ffmpeg is not installed/);
  });

  it('rejects predictions for other clips', () => {
    const other = predictionsOf(['sad', 'angry'], [{ actual: 0, probabilities: [1, 0] }]);
    assert.throws(() =>
      conditionsReport(
        [
          { condition: 'as recorded', predictions: withRight(8) },
          { condition: 'noise', predictions: other },
        ],
        { threshold: 0 },
      ),
    );
  });

  it('is drawn with one marker per model and condition', () => {
    const figure = conditionsFigure(
      [
        { name: 'before', ...report },
        { name: 'after', ...report },
      ],
      { source: 'made up' },
    );
    assert.deepEqual(
      figure.data.map(({ name, x }) => [name, x]),
      [
        ['before', [100, 50, 50]],
        ['after', [100, 50, 50]],
      ],
    );
    assert.throws(
      () =>
        conditionsFigure(
          [
            { name: 'a', ...report },
            { name: 'b', ...report, rows: report.rows.slice(1) },
          ],
          { source: '' },
        ),
      /models.b must be scores for every condition of a, got "as recorded"/,
    );
  });
});
