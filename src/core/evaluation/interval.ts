import { InvalidArgumentError } from '../base';
import { normalQuantile, normalShareBelow } from './normal-distribution';
import { quantile } from './quantile';

/** Where a score would lie if it were measured again on other speakers (or clips) of the same kind. */
export interface Interval {
  /** NaN, as `high`, where there is one cluster only and so nothing to resample */
  low: number;
  high: number;
  /** 0.95 for a 95 % interval */
  level: number;
  method: IntervalMethod | 'wilson';
  /** what was resampled, or counted as independent */
  by: 'speakers' | 'clips' | 'rows';
  /** how many of them */
  count: number;
  /** what to bear in mind */
  note?: string;
}

/** How an interval follows from resampled scores: by their quantiles, or these corrected for bias and skew (BCa). */
export type IntervalMethod = 'percentile' | 'bca';

/** The limits between which the middle share of the resampled values lies. */
export function percentileLimits(resampled: Float64Array, level: number): [low: number, high: number] {
  const sorted = resampled.toSorted();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/**
 * The bias-corrected and accelerated limits: quantiles moved for a statistic whose resampled values lie off its own, or
 * whose spread depends on its value.
 *
 * @param estimate - the statistic itself
 * @param leftOut - the statistic without each cluster in turn (jackknife)
 * @see Efron (1987), Better bootstrap confidence intervals, doi 10.1080/01621459.1987.10478410; scipy 1.17 `bootstrap`
 */
export function bcaLimits(
  resampled: Float64Array,
  level: number,
  { estimate, leftOut }: { estimate: number; leftOut: Float64Array },
): [low: number, high: number] {
  const sorted = resampled.toSorted();
  let below = 0;
  for (const value of resampled) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const bias = normalQuantile(below / resampled.length);
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length;
  let squares = 0;
  let cubes = 0;
  for (const value of leftOut) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const limit = (share: number): number => {
    const moved = bias + normalQuantile(share);
    return quantile(sorted, normalShareBelow(bias + moved / (1 - acceleration * moved)));
  };
  return [limit((1 - level) / 2), limit((1 + level) / 2)];
}

/** @throws {@link InvalidArgumentError} if it is not between 0 and 1 */
export function requireLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new InvalidArgumentError('level', 'a number between 0 and 1', level);
}
