import assert from 'node:assert/strict';
import { type Clip, emotions, extremes } from '../src/core/base';
import { makeSplits } from '../src/core/dataset';
import { ageSexFigure, emotionCountsFigure } from '../src/core/figures';
import { countTable, formatLoadReport, withLabels } from '../src/node/corpora';
import { createLoadReport } from '../src/node/corpora/load-report';

/** More than a call may have arguments. */
const count = 280_000;

/** Clips of as many speakers; every tenth has another label. */
const clips = Array.from({ length: count }, (_, i): Clip => {
  const label = i % 10 === 9 ? 'boredom' : emotions[i % 7];
  return {
    ...{ path: `lab/${i}.wav`, corpus: i % 2 === 0 ? 'lab' : 'other', label, emotion: label },
    ...{ speaker: `lab-${i}`, sex: i % 3 === 0 ? 'female' : 'male', age: 20 + (i % 60) },
    ...{ sampleRate: 16_000, channels: 1, durationSec: 1, sha256: String(i) },
  };
});
const duplicates = { copies: [], identical: [], conflicting: [] };
const report = createLoadReport({
  ...{ root: '.', reason: 'test', synthetic: false, clips, duplicates },
  ...{ silent: [], unrecognised: [], unreadable: [], remarks: [] },
});

describe('hundreds of thousands of clips and speakers', function () {
  this.timeout(120_000);
  const source = `lab, ${count} clips`;
  const corpora = withLabels(
    {
      ...{ root: '.', clips, labelled: clips, ownLabels: {}, report, source, synthetic: false },
      fileOf: ({ path }) => path,
    },
    {},
  );

  it('are selected by their labels, and all others are counted and explained', () => {
    assert.equal(corpora.clips.length, 0.9 * count);
    assert.equal(corpora.report.unreadable.length, 0.1 * count);
    assert.match(formatLoadReport(corpora.report), /other labels \(28,000\): .*"boredom".* 27,997 more/);
    assert.deepEqual(
      corpora.report.corpora.map(({ clips: own, speakers }) => [own, speakers]),
      [
        [140_000, 140_000],
        [112_000, 112_000],
      ],
    );
  });

  it('are counted and drawn', () => {
    assert.deepEqual(countTable(corpora.clips).shape, [3, 9]);
    const { data } = ageSexFigure(corpora.clips, { source });
    assert.ok(data.length > 0);
    assert.ok(emotionCountsFigure(corpora.clips, { source }).data.length > 0);
    assert.deepEqual(extremes(clips.map(({ age }) => age!)), { least: 20, most: 79 });
  });

  it('are divided into folds of speakers', () => {
    const set = { clips: corpora.clips, versions: ['original'] };
    const [split] = makeSplits(set, { protocol: 'speakers', folds: 2 });
    const { train, validation, test } = split;
    assert.equal(train.length + validation.length + test.length, corpora.clips.length);
    assert.ok(Math.abs(test.length / corpora.clips.length - 0.5) < 0.001);
  });
});

it('extremes of no values are infinite', () => {
  assert.deepEqual(extremes([]), { least: Infinity, most: -Infinity });
});
