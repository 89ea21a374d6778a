import assert from 'node:assert/strict';
import {
  partsOf,
  predictedClasses,
  scoreReport,
  scoreTable,
  selectCorpus,
  selectPredictions,
} from '../../../src/core/evaluation';
import { leaky, madeUpPredictions, predictionsOf } from './made-up-predictions';

const rows = [
  { actual: 0, probabilities: [0.9, 0.1], clip: { corpus: 'A', speaker: 'A-1' } },
  { actual: 1, probabilities: [0.75, 0.25], clip: { corpus: 'A', speaker: 'A-2' } },
  { actual: 1, probabilities: [0.25, 0.75], clip: { corpus: 'B', speaker: 'B-1' } },
  { actual: 0, probabilities: [0.5, 0.5], clip: { corpus: 'B', speaker: undefined } },
];
const few = predictionsOf(['angry', 'sad'], rows);
const files = (of: typeof few): string[] => of.clips.map(({ path }) => path);

describe('selectPredictions', () => {
  it('selects by corpus, by speaker and by confidence, and keeps the order of the rows', () => {
    assert.deepEqual(files(selectPredictions(few, { corpus: 'B' })), ['2.wav', '3.wav']);
    assert.deepEqual(files(selectPredictions(few, { speaker: 'A-2' })), ['1.wav']);
    assert.deepEqual(files(selectPredictions(few, { minConfidence: 0.75 })), ['0.wav', '1.wav', '2.wav']);
    assert.deepEqual(files(selectPredictions(few, { corpus: 'A', minConfidence: 0.8 })), ['0.wav']);
  });

  it('agrees with selectCorpus, keeps the protocol, and returns all rows without conditions', () => {
    const all = madeUpPredictions();
    assert.deepEqual(selectPredictions(all, { corpus: 'TESS' }), selectCorpus(all, 'TESS'));
    assert.equal(selectPredictions(leaky(all), { corpus: 'TESS' }).isLeaky, true);
    assert.equal(selectPredictions(all, {}), all);
  });

  it('names the parameter and the possible values if no row is left', () => {
    assert.throws(
      () => selectPredictions(few, { corpus: 'C' }),
      /corpus must be one of A, B \(those with predictions\), got "C"/,
    );
    assert.throws(
      () => selectPredictions(few, { corpus: 'A', speaker: 'B-1' }),
      /speaker must be one of A-1, A-2 \(.*\), got "B-1"/,
    );
    assert.throws(
      () => selectPredictions(few, { corpus: 'B', minConfidence: 0.8 }),
      /minConfidence must be at most 0\.750, the highest confidence of these 2 rows, got 0\.8/,
    );
    assert.throws(
      () => selectPredictions(few, { minConfidence: NaN }),
      /minConfidence must be a number from 0 to 1/,
    );
  });
});

describe('partsOf', () => {
  it('lists all rows, the corpora and the known speakers; each of them has rows', () => {
    const parts = partsOf(few);
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['all', 'corpus A', 'corpus B', 'speaker A-1', 'speaker A-2', 'speaker B-1'],
    );
    assert.deepEqual(
      parts.map((part) => selectPredictions(few, part).clips.length),
      [4, 2, 2, 1, 1, 1],
    );
  });
});

describe('scoreTable', () => {
  it('has the scores of a report, the share of the rows, and the protocol of each line', () => {
    const all = madeUpPredictions();
    const answered = selectPredictions(all, { minConfidence: 0.6 });
    const [first, second] = scoreTable({ all, answered }, { resamples: 50 });
    const { pooled } = scoreReport(all, { resamples: 50 });
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    assert.equal(first.rows, 'all');
    assert.equal(first.share, '100.0 %');
    assert.equal(first.speakers, 34);
    assert.ok(
      String(first.accuracy).startsWith(percent(pooled.scores.accuracy!.value)),
      String(first.accuracy),
    );
    assert.match(String(first.UAR), /^\d+\.\d % \[\d+\.\d, \d+\.\d\]$/);
    assert.equal(first.protocol, 'speakers');
    assert.equal(second.number, answered.clips.length);
    assert.equal(second.share, percent(answered.clips.length / all.clips.length));
    const right = predictedClasses(answered).filter((k, row) => k === answered.actual[row]).length;
    assert.ok(String(second.accuracy).startsWith(percent(right / answered.clips.length)));
  });
});
