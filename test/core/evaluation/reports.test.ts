import assert from 'node:assert/strict';

import { leftOutOf } from '../../../src/core/base';
import {
  compareRuns,
  daggerNote,
  formatComparison,
  formatProtocols,
  formatScore,
  formatScoreReport,
  formatSlices,
  mcNemarTest,
  metricOf,
  type Predictions,
  scoreReport,
  scoreText,
  scoreWithDagger,
  selectRows,
  sliceNames,
  sliceScores,
  underProtocol,
} from '../../../src/core/evaluation';
import { assertClose } from '../../assert-close';
import { golden } from './golden';
import { clipOf, leaky, madeUpPredictions, predictionsOf } from './made-up-predictions';

const predictions = madeUpPredictions();
const resamples = 200;

function only(of: Predictions, is: (row: number) => boolean): Predictions {
  return selectRows(of, [...of.clips.keys()].filter(is));
}

/** All lines with a percentage, except the one that describes the intervals. */
function scoreLines(text: string): string[] {
  return text.split('\n').filter((line) => /\d %/.test(line) && !line.startsWith('In brackets'));
}

describe('scoreReport', () => {
  const report = scoreReport(predictions, { resamples });

  it('has the scores of all rows, of each corpus and of each fold', () => {
    assert.deepEqual(
      report.perCorpus.map(({ name, rows, speakers }) => [name, rows, speakers]),
      [
        ['RAVDESS', 252, 12],
        ['CREMA-D', 480, 20],
        ['TESS', 140, 2],
      ],
    );
    assert.deepEqual([report.pooled.rows, report.pooled.speakers], [872, 34]);
    assert.equal(report.pooled.scores.uar?.value, metricOf(predictions, 'uar'));
    const tess = only(predictions, (row) => predictions.clips[row].corpus === 'TESS');
    assert.equal(report.perCorpus[2].scores.macroF1?.value, metricOf(tess, 'macroF1'));
    assert.deepEqual(
      report.perSplit.map(({ name }) => name),
      predictions.splits,
    );
    const third = only(predictions, (row) => predictions.splitOf[row] === 2);
    assert.equal(report.perSplit[2].scores.accuracy?.value, metricOf(third, 'accuracy'));
  });

  it('has the spread over the folds', () => {
    const values = report.perSplit.map(({ scores }) => scores.accuracy!.value);
    assertClose([report.overSplits.accuracy!.mean], [values.reduce((sum, value) => sum + value) / 5], 1e-12);
    assert.equal(report.overSplits.accuracy?.count, 5);
    assert.equal(report.overSeeds, undefined);
  });

  it('scores each seed separately and reports the spread over seeds', () => {
    const other = madeUpPredictions({ seed: 2 });
    const rows = predictions.clips.length;
    const both: Predictions = {
      ...predictions,
      clips: [...predictions.clips, ...other.clips],
      actual: Int32Array.of(...predictions.actual, ...other.actual),
      probabilities: Float32Array.of(...predictions.probabilities, ...other.probabilities),
      splitOf: Int32Array.of(...predictions.splitOf, ...other.splitOf),
      seedOf: Int32Array.from({ length: 2 * rows }, (_, row) => (row < rows ? 7 : 8)),
    };
    const seeded = scoreReport(both, { resamples });
    assert.deepEqual(
      seeded.perSplit.map(({ name, seed }) => `${name} ${seed}`),
      [7, 8].flatMap((seed) => predictions.splits.map((name) => `${name} ${seed}`)),
    );
    const values = [predictions, other].map((one) => metricOf(one, 'uar'));
    assertClose([seeded.overSeeds!.uar!.lowest, seeded.overSeeds!.uar!.highest], values.toSorted(), 1e-12);
    assert.deepEqual([seeded.pooled.rows, seeded.pooled.clips], [2 * rows, rows]);
    assert.match(formatScoreReport(seeded), /fold 5, seed 8/);
    assert.match(formatScoreReport(seeded), /mean ± sd of 2 seeds/);
  });

  it('rejects an empty list of metrics', () => {
    assert.throws(
      () => scoreReport(predictions, { metrics: [] }),
      /metrics must be a list with at least one/,
    );
  });

  it('gives the same report for the same seed', () => {
    assert.deepEqual(scoreReport(predictions, { resamples }), report);
  });
});

describe('reports as text', () => {
  const under = underProtocol('paper-rows');
  const texts: Record<string, (of: Predictions) => string> = {
    formatScoreReport: (of) => formatScoreReport(scoreReport(of, { resamples })),
    formatSlices: (of) => formatSlices(sliceScores(of, { by: 'sex', resamples })),
    formatComparison: (of) => formatComparison(compareRuns(of, of, { metric: 'accuracy', resamples })),
  };
  for (const [name, format] of Object.entries(texts)) {
    it(`of ${name} have the protocol in the first line and at the end of every line with a score`, () => {
      const clean = format(predictions);
      assert.match(clean, /^Protocol: speakers \(new speakers of the same corpora, [^)]*\)\n/);
      assert.ok(scoreLines(clean).length >= 2);
      for (const line of scoreLines(clean)) assert.match(line, / speakers$/);
      assert.doesNotMatch(clean, /LEAKY/);
    });

    it(`of ${name} show LEAKY in the first line and in every line with a score`, () => {
      const text = format(leaky(predictions));
      assert.match(text, /^Protocol: paper-rows, LEAKY \(how well a model recalls recordings [^)]*\)\n/);
      for (const line of scoreLines(text)) assert.match(line, / paper-rows, LEAKY$/);
    });
  }

  it('include the note on the protocol', () => {
    const noted = { ...predictions, ...underProtocol('speakers', 'normalised per speaker (transductive)') };
    const [first] = formatScoreReport(scoreReport(noted, { resamples })).split('\n');
    assert.match(first, /^Protocol: speakers \(new speakers .*; normalised per speaker \(transductive\)\)$/);
  });

  it('state what was left out in one line, whatever the number of kinds, and each warning', () => {
    const items = [{ name: 'a.wav', reason: 'too short', emotion: 'sad' }];
    const leftOut = [...leftOutOf('clips without features', items), ...leftOutOf('files not loaded', items)];
    const caveats = { leftOut, warnings: ['1 class has no clips left: sad'] };
    const report = scoreReport({ ...predictions, ...caveats }, { resamples });
    assert.deepEqual([report.leftOut, report.warnings], [leftOut, caveats.warnings]);
    const lines = ['Left out: 1 clip without features; 1 file not loaded', 'Warning: 1 class has no clips left: sad', '']; // prettier-ignore
    assert.deepEqual(formatScoreReport(report).split('\n').slice(-3), lines);
    const other = scoreReport(predictions, { resamples });
    assert.ok(!('leftOut' in other) && !('warnings' in other));
    const table = formatProtocols([{ report }, { report: { ...other, protocol: 'clips' } }]).split('\n');
    assert.deepEqual(
      table.slice(-3),
      lines.map((line) => (line === '' ? line : `${line} (speakers)`)),
    );
  });

  it('of a single score name its protocol', () => {
    const interval = {
      low: 0.48,
      high: 0.544,
      level: 0.95,
      method: 'percentile',
      by: 'speakers',
      count: 9,
    } as const;
    assert.equal(
      formatScore('uar', { value: 0.512, interval }, under),
      'UAR 51.2 % [48.0, 54.4] under paper-rows, LEAKY',
    );
    assert.equal(
      formatScore('logLoss', { value: 1.5, interval: { ...interval, low: NaN, high: NaN } }, under),
      'log loss 1.500 [no interval] under paper-rows, LEAKY',
    );
  });

  it('mark unreliable intervals with a dagger in tables, and explain it once', () => {
    const { perCorpus } = scoreReport(predictions, { resamples });
    const cells = perCorpus.map(({ scores }) => scoreWithDagger('uar', scores.uar!));
    assert.deepEqual(
      cells.map((cell) => cell.endsWith('] †')),
      perCorpus.map(({ name }) => name === 'TESS'),
    );
    assert.equal(cells[0], scoreText('uar', perCorpus[0].scores.uar!));
    assert.match(daggerNote([7, ...cells]) ?? '', /^† few .*: the interval may be far too narrow$/);
    assert.equal(daggerNote(cells.slice(0, 1)), undefined);
  });

  it('name the corpora with unreliable intervals', () => {
    const text = formatScoreReport(scoreReport(predictions, { resamples }));
    assert.match(text, /^TESS: only 2 speakers: the interval may be too narrow$/m);
    assert.match(text, /95 % intervals, resampled by speakers \(34; 200 times\)/);
  });

  it('summarise a large number of folds', () => {
    const many = {
      ...predictions,
      splits: predictions.clips.map(({ speaker }) => speaker!),
      splitOf: Int32Array.from(predictions.clips.keys()),
    };
    const text = formatScoreReport(scoreReport(many, { resamples: 5, metrics: ['accuracy'] }));
    assert.match(text, /mean ± sd of 872 folds/);
    assert.ok(text.split('\n').length < 15);
  });
});

describe('compareRuns', () => {
  const better = madeUpPredictions({ skill: 0.8 });

  it('finds the better run in every corpus, and the difference', () => {
    const comparison = compareRuns(predictions, better, { resamples });
    const { first, second, difference, interval, pValue } = comparison.pooled;
    assert.deepEqual(
      [first, second],
      [predictions, better].map((run) => metricOf(run, 'uar')),
    );
    assertClose([difference], [second - first], 1e-12);
    assert.ok(interval.low > 0 && interval.low < difference && difference < interval.high);
    assertClose([pValue], [2 / (resamples + 1)], 1e-12);
    assert.deepEqual(
      comparison.perCorpus.map(({ name, rows }) => `${name} ${rows}`),
      ['RAVDESS 252', 'CREMA-D 480', 'TESS 140'],
    );
    assert.ok(comparison.mcNemar.exact < 0.001);
  });

  it('finds no difference between a run and itself', () => {
    const { pooled, mcNemar } = compareRuns(predictions, predictions, { resamples });
    assert.deepEqual(
      [pooled.difference, pooled.interval.low, pooled.interval.high, pooled.pValue],
      [0, 0, 0, 1],
    );
    assert.deepEqual(mcNemar, { onlyFirst: 0, onlySecond: 0, exact: 1, midP: 1 });
  });

  it('has a narrower interval than the two runs, since speakers are difficult for both', () => {
    const like = madeUpPredictions({ skill: 0.1 });
    const { interval } = compareRuns(predictions, like, { metric: 'accuracy', resamples }).pooled;
    const own = scoreReport(predictions, { resamples }).pooled.scores.accuracy!.interval;
    assert.ok(interval.high - interval.low < 0.7 * (own.high - own.low));
  });

  const others: [string, Predictions, RegExp][] = [
    ['another protocol', leaky(better), /protocol speakers, got "paper-rows, LEAKY"/],
    ['other classes', { ...better, classes: [...better.classes].reverse() }, /classes angry,/],
    ['fewer rows', selectRows(better, [0, 1]), /872 rows, got 2/],
    [
      'another order',
      selectRows(better, [...better.clips.keys()].reverse()),
      /row 0 of clip RAVDESS\/0\/0.wav/,
    ],
    [
      'another label',
      { ...better, actual: better.actual.map((is, row) => (row === 3 ? 0 : is)) },
      /row 3 \(RAVDESS\/0\/3.wav\) labelled happy, got "angry"/,
    ],
  ];
  for (const [name, second, message] of others) {
    it(`rejects runs with ${name}`, () => {
      assert.throws(
        () => compareRuns(predictions, second),
        (error: Error) => {
          assert.equal(error.name, 'InvalidArgumentError');
          assert.match(error.message, /^second must be a run on the same rows as first: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  for (const { onlyFirst, onlySecond, exact, midP } of golden.mcNemar) {
    it(`has the p-values of McNemar's test for ${onlyFirst} against ${onlySecond}, as scipy's binomial test`, () => {
      const test = mcNemarTest(onlyFirst, onlySecond);
      assertClose([test.exact, test.midP], [exact, midP], 1e-10);
    });
  }

  it('rejects invalid counts', () => {
    assert.throws(() => mcNemarTest(-1, 2), /onlyFirst must be an integer of at least 0, got -1/);
  });
});

describe('sliceScores', () => {
  it('groups all rows by every property', () => {
    for (const by of sliceNames) {
      const { groups } = sliceScores(predictions, { by, resamples: 5 });
      assert.equal(
        groups.reduce((sum, { rows }) => sum + rows, 0),
        872,
        by,
      );
    }
  });

  it('scores a group by its own rows', () => {
    const { groups } = sliceScores(predictions, { by: 'sex', resamples });
    const women = only(predictions, (row) => predictions.clips[row].sex === 'female');
    assert.deepEqual(
      [groups[0].name, groups[0].clips, groups[0].speakers],
      ['female', women.clips.length, 17],
    );
    assert.equal(groups[0].uar.value, metricOf(women, 'uar'));
    assert.equal(groups[0].accuracy.value, metricOf(women, 'accuracy'));
  });

  it('names the worst group and its gap to the best', () => {
    const slices = sliceScores(predictions, { by: 'corpus', resamples });
    const values = slices.groups.map(({ uar }) => uar.value);
    assert.equal(slices.worst, slices.groups[values.indexOf(Math.min(...values))].name);
    assertClose([slices.gap!], [Math.max(...values) - Math.min(...values)], 1e-12);
  });

  it('sorts groups naturally, with `not stated` last and unranked', () => {
    const names = (by: 'ageBand' | 'duration' | 'corpus' | 'intensity' | 'speaker'): string[] =>
      sliceScores(predictions, { by, resamples: 5 }).groups.map(({ name }) => name);
    assert.deepEqual(names('ageBand'), [
      '20–29 years',
      '30–39 years',
      '40–49 years',
      '50–59 years',
      'not stated',
    ]);
    assert.deepEqual(names('duration'), ['under 2 s', '2–2.5 s', '2.5–3.1 s', '3.1–4 s', '4 s and over']);
    assert.deepEqual(names('corpus'), ['RAVDESS', 'CREMA-D', 'TESS']);
    assert.deepEqual(names('intensity'), ['normal', 'strong', 'not stated']);
    assert.equal(names('speaker').length, 34);
    const race = sliceScores(predictions, { by: 'race', resamples: 5 });
    assert.notEqual(race.worst, 'not stated');
  });

  it('marks small groups, does not rank them, and gives them an interval of non-zero width', () => {
    const few = predictionsOf(
      ['happy', 'sad'],
      Array.from({ length: 26 }, (_, row) => ({
        actual: row % 2,
        probabilities: row < 3 ? [row % 2, 1 - (row % 2)] : [1 - (row % 2), row % 2],
        clip: clipOf({ path: `${row}.wav`, speaker: `S-${row % 4}`, sex: row < 3 ? 'male' : 'female' }),
      })),
    );
    const { groups, worst } = sliceScores(few, { by: 'sex', resamples });
    assert.equal(worst, undefined);
    assert.deepEqual(
      groups.map(({ name, isTooSmall }) => `${name} ${isTooSmall}`),
      ['female false', 'male true'],
    );
    const { value, interval } = groups[1].accuracy;
    assert.deepEqual([value, interval.method], [0, 'wilson']);
    assertClose([interval.low, interval.high], [0, 0.5615], 1e-4);
    assert.match(formatSlices(sliceScores(few, { by: 'sex', resamples })), /male \(too few\)/);
    assert.equal(sliceScores(few, { by: 'sex', resamples, minimumClips: 3 }).worst, 'male');
  });

  it('rejects unknown properties', () => {
    assert.throws(
      () => sliceScores(predictions, { by: 'mood' as 'sex' }),
      /by must be one of sex, .* got "mood"/,
    );
    assert.throws(
      () => sliceScores(predictions, { by: 'sex', minimumClips: 0 }),
      /minimumClips must be at least 1, got 0/,
    );
  });
});
