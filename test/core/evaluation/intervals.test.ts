import assert from 'node:assert/strict';

import { createRandom } from '../../../src/core/base';
import { spreadOf, wilsonLimits } from '../../../src/core/evaluation';
import {
  bcaLimits,
  clusterRows,
  leaveOneOut,
  normalCdf,
  normalQuantile,
  percentileLimits,
  resampleClusters,
  scoreRows,
  totalOf,
} from '../../../src/core/evaluation/intervals';
import { assertClose } from '../../assert-close';
import { golden } from './golden';
import { clipOf, madeUpPredictions, predictionsOf } from './made-up-predictions';

describe('intervals, against scipy', () => {
  it('match the percentile and BCa limits of the same resampled values', () => {
    const { resampled, estimate, leftOut, percentile, bca } = golden.bca;
    const values = Float64Array.from(resampled);
    assertClose(percentileLimits(values, 0.95), percentile, 1e-9);
    assertClose(
      bcaLimits(values, 0.95, { estimate, jackknife: Float64Array.from(leftOut) }),
      bca,
      1e-9,
      'limits of BCa',
    );
    assert.ok(Math.abs(bca[0] - percentile[0]) > 1e-3, 'the methods differ in this case');
  });

  it('match the normal distribution and its inverse', () => {
    const { x, below, shares, quantiles } = golden.normal;
    assertClose(x.map(normalCdf), below, 1e-13);
    assertClose(shares.map(normalQuantile), quantiles, 1e-7);
    assert.deepEqual([normalCdf(-9), normalCdf(9)], [0, 1]);
  });

  for (const { right, total, level, limits } of golden.wilson) {
    it(`match Wilson's limits of ${right} of ${total}`, () => {
      assertClose(wilsonLimits(right, total, level), limits, 1e-9);
    });
  }

  it("reject invalid counts for Wilson's limits", () => {
    assert.throws(() => wilsonLimits(3, 2), /right must be an integer from 0 to 2, got 3/);
    assert.throws(() => wilsonLimits(0, 0), /total must be a positive integer, got 0/);
    assert.throws(() => wilsonLimits(1, 2, 1), /level must be a number between 0 and 1, got 1/);
  });
});

describe('resampleClusters', () => {
  const random = createRandom(5);
  const values = Float64Array.from({ length: 30 }, () => random.normal(3, 2));
  const sums = Float64Array.from([...values].flatMap((value) => [value, 0, 1]));
  const meanOf = (total: Float64Array): number => total[0] / total[2];

  it('spreads a mean according to its standard error', () => {
    const [means] = resampleClusters({ sums, size: 3 }, [meanOf], { resamples: 4000 });
    const all = spreadOf([...values]);
    const resampled = spreadOf([...means]);
    const expected = (all.deviation * Math.sqrt(29 / 30)) / Math.sqrt(30);
    assertClose([resampled.mean], [all.mean], 4 * (expected / Math.sqrt(4000)));
    // of the standard deviation of 4,000 values, four standard errors
    assertClose([resampled.deviation / expected], [1], 4 / Math.sqrt(2 * 4000));
  });

  it('depends on the seed only', () => {
    const of = (seed: number): Float64Array => resampleClusters({ sums, size: 3 }, [meanOf], { seed })[0];
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });

  it('draws the same number of clusters', () => {
    const [counts] = resampleClusters({ sums, size: 3 }, [(total) => total[2]], { resamples: 50 });
    assert.ok(counts.every((count) => count === 30));
  });

  it('supports the jackknife', () => {
    const total = totalOf({ sums, size: 3 });
    const left = leaveOneOut({ sums, size: 3 }, meanOf);
    assertClose([left[7]], [(total[0] - values[7]) / 29], 1e-12);
    assert.equal(left.length, 30);
  });

  it('rejects an invalid number of resamples', () => {
    assert.throws(
      () => resampleClusters({ sums, size: 3 }, [meanOf], { resamples: 0 }),
      /resamples must be a positive integer, got 0/,
    );
  });
});

describe('clusterRows', () => {
  const rows = (...speakers: (string | undefined)[]): ReturnType<typeof clusterRows> =>
    clusterRows(speakers.map((speaker, i) => clipOf({ path: `${i % 3}.wav`, speaker })));

  it('groups all rows of a speaker', () => {
    const { of, count, by, note } = clusterRows(madeUpPredictions().clips);
    assert.deepEqual([count, by, note], [34, 'speakers', undefined]);
    assert.equal(new Set(of).size, 34);
  });

  it('warns about few speakers', () => {
    assert.match(rows('a', 'b', 'a').note!, /only 2 speakers: the interval may be too narrow/);
  });

  it('uses clips, with a note, if speakers are unknown or there is only one', () => {
    const unknown = rows(undefined, undefined, undefined, undefined);
    assert.deepEqual([...unknown.of], [0, 1, 2, 0]);
    assert.deepEqual([unknown.by, unknown.note], ['clips', 'no clip names its speaker: resampled by clips']);
    const one = rows('a', 'a', 'a', 'a');
    assert.deepEqual([one.by, one.count], ['clips', 3]);
    assert.match(one.note!, /one speaker: resampled by clips/);
  });

  it('counts a clip with unknown speaker as a separate speaker', () => {
    const some = rows('a', undefined, 'b', undefined);
    assert.deepEqual([...some.of], [0, 1, 2, 3]);
    assert.match(some.note!, /clips that name no speaker count as a speaker each/);
  });
});

describe('scoreRows', () => {
  it('gives wider intervals over speakers than over clips, since clips of a speaker are correlated', () => {
    const predictions = madeUpPredictions();
    const bySpeaker = scoreRows(predictions, ['accuracy']).accuracy.interval;
    const clips = predictions.clips.map(({ path }) => clipOf({ path }));
    const byClip = scoreRows({ ...predictions, clips }, ['accuracy']).accuracy.interval;
    assert.deepEqual([byClip.by, byClip.count], ['clips', 872]);
    assert.ok(bySpeaker.high - bySpeaker.low > 1.5 * (byClip.high - byClip.low));
  });

  it('encloses the value, for each metric and both methods', () => {
    for (const method of ['percentile', 'bca'] as const) {
      const scores = scoreRows(madeUpPredictions(), ['accuracy', 'uar', 'macroF1', 'logLoss', 'brier'], {
        method,
      });
      for (const { value, interval } of Object.values(scores)) {
        assert.ok(interval.low < value && value < interval.high);
        assert.equal(interval.method, method);
      }
    }
  });

  it('narrows with the level', () => {
    const of = (level: number): number => {
      const { low, high } = scoreRows(madeUpPredictions(), ['uar'], { level }).uar.interval;
      return high - low;
    };
    assert.ok(of(0.5) < of(0.9) && of(0.9) < of(0.99));
    assert.throws(() => of(95), /level must be a number between 0 and 1, got 95/);
  });

  it('has no limits for a single clip', () => {
    const one = predictionsOf(['sad'], [{ actual: 0, probabilities: [1] }]);
    const { value, interval } = scoreRows(one, ['accuracy']).accuracy;
    assert.deepEqual([value, interval.low, interval.high], [1, NaN, NaN]);
  });
});

describe('spreadOf', () => {
  it('has mean, sample standard deviation and range', () => {
    assert.deepEqual(spreadOf([1, 3, 5]), { mean: 3, deviation: 2, lowest: 1, highest: 5, count: 3 });
    assert.ok(Number.isNaN(spreadOf([1]).deviation));
    assert.throws(() => spreadOf([]), /values must be a list with at least one number/);
  });
});
