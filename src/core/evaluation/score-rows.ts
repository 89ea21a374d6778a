import { clusterRows } from './clusters';
import { bcaLimits, type Interval, type IntervalMethod, percentileLimits, requireLevel } from './interval';
import { type MetricName, metrics, tallyRows, tallySize } from './metrics';
import type { Predictions } from './predictions';
import { type BootstrapOptions, leaveOneOut, resampleClusters, totalOf } from './resample-clusters';

/** A metric's value with its interval. */
export interface Score {
  value: number;
  interval: Interval;
}

export interface IntervalOptions extends BootstrapOptions {
  /** 0.95 by default */
  level?: number;
  /** percentile by default */
  method?: IntervalMethod;
}

/**
 * Metrics over all rows, each with an interval by bootstrap over speakers (Field and Welsh 2007): clips of one voice rise
 * and fall together, so that an interval over rows would be far too narrow. Speakers are drawn from all corpora alike, so
 * that the mix of corpora varies too: a pooled interval is wide where few speakers have many of the rows, as in TESS.
 *
 * @param predictions - checked ones
 * @throws {@link InvalidArgumentError} if an option is out of range
 */
export function scoreRows<Name extends MetricName>(
  predictions: Predictions,
  names: readonly Name[],
  { level = 0.95, method = 'percentile', ...options }: IntervalOptions = {},
): Record<Name, Score> {
  requireLevel(level);
  const classes = predictions.classes.length;
  const { of, count, by, note } = clusterRows(predictions.clips);
  const clusters = { sums: tallyRows(predictions, of, count), size: tallySize(classes) };
  const total = totalOf(clusters);
  const statistics = names.map((name) => (sums: Float64Array) => metrics[name].of(sums, classes));
  const resampled = resampleClusters(clusters, statistics, options);
  const scores = names.map((name, i): [Name, Score] => {
    const value = statistics[i](total);
    const [low, high] =
      count === 1
        ? [NaN, NaN]
        : method === 'percentile'
          ? percentileLimits(resampled[i], level)
          : bcaLimits(resampled[i], level, {
              estimate: value,
              leftOut: leaveOneOut(clusters, statistics[i]),
            });
    return [name, { value, interval: { low, high, level, method, by, count, ...(note && { note }) } }];
  });
  return Object.fromEntries(scores) as Record<Name, Score>;
}
