import { type Clip, createRandom, InvalidArgumentError, quantile } from '../base';
import { type MetricName, metrics, tallyRows, tallySize } from './metrics';
import type { Predictions } from './predictions';

/** A metric's value with its interval. */
export interface Score {
  value: number;
  interval: Interval;
}

/** Confidence interval of a score for other speakers (or clips) of the same kind. */
export interface Interval {
  /** NaN, like `high`, if there is only one cluster, which cannot be resampled */
  low: number;
  high: number;
  /** 0.95 for a 95 % interval */
  level: number;
  method: IntervalMethod | 'wilson';
  /** unit that was resampled, or treated as independent */
  by: 'speakers' | 'clips' | 'rows';
  /** number of these units */
  count: number;
  /** a limitation of the interval, such as few speakers */
  note?: string;
}

/** How the interval is computed from the resampled scores: their quantiles, or quantiles corrected for bias and skewness (BCa). */
export type IntervalMethod = 'percentile' | 'bca';

/** How intervals are computed. */
export interface IntervalOptions extends BootstrapOptions {
  /** default 0.95 */
  level?: number;
  /** default percentile */
  method?: IntervalMethod;
}

/** Options of the bootstrap. */
export interface BootstrapOptions {
  /** number of bootstrap resamples; default 2,000 */
  resamples?: number;
  /** default 42 */
  seed?: number;
}

/**
 * Metrics over all rows, each with a bootstrap interval over speakers (Field and Welsh 2007). Clips of one speaker are
 * correlated, so an interval over rows would be far too narrow. Speakers are drawn from all corpora together, so the mix of
 * corpora varies too: a pooled interval is wide if a few speakers have many of the rows, as in TESS.
 *
 * @param predictions - already checked
 * @throws {@link InvalidArgumentError} if an option is out of range
 */
export function scoreRows<Name extends MetricName>(
  predictions: Predictions,
  names: readonly Name[],
  { level = 0.95, method = 'percentile', ...options }: IntervalOptions = {},
): Record<Name, Score> {
  requireLevel(level);
  const classCount = predictions.classes.length;
  const { of, count, by, note } = clusterRows(predictions.clips);
  const clusters = { sums: tallyRows(predictions, of, count), size: tallySize(classCount) };
  const total = totalOf(clusters);
  const statistics = names.map((name) => (sums: Float64Array) => metrics[name].of(sums, classCount));
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
              jackknife: leaveOneOut(clusters, statistics[i]),
            });
    return [name, { value, interval: { low, high, level, method, by, count, ...(note && { note }) } }];
  });
  return Object.fromEntries(scores) as Record<Name, Score>;
}

/** Groups of correlated rows that are resampled together. */
export interface Clusters {
  /** cluster of each row; shape [rows] */
  of: Int32Array;
  count: number;
  by: 'speakers' | 'clips';
  /** a limitation, such as few speakers */
  note?: string;
}

/** With fewer speakers the interval is usually too narrow. */
const fewSpeakers = 10;

/**
 * Groups rows by speaker. If all speakers are unknown, or there is only one, rows are grouped by clip; the interval then does not
 * cover new speakers, which the note states.
 *
 * @param clips - one per row
 */
export function clusterRows(clips: readonly Pick<Clip, 'speaker' | 'path'>[]): Clusters {
  const speakers = new Set(clips.map(({ speaker }) => speaker));
  const someUnknown = speakers.delete(undefined);
  const by = speakers.size === 0 || (speakers.size === 1 && !someUnknown) ? 'clips' : 'speakers';
  const numbers = new Map<string, number>();
  const of = Int32Array.from(clips, ({ speaker, path }) => {
    const key = by === 'clips' || speaker === undefined ? `clip ${path}` : `speaker ${speaker}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  const note = noteOn(speakers.size, someUnknown);
  return { of, count: numbers.size, by, ...(note !== undefined && { note }) };
}

// The notes are stored in run records.
function noteOn(speakers: number, someUnknown: boolean): string | undefined {
  if (speakers === 0) return 'no clip names its speaker: resampled by clips';
  if (someUnknown) return 'clips that name no speaker count as a speaker each';
  if (speakers === 1) return 'one speaker: resampled by clips, which says nothing of other speakers';
  return speakers < fewSpeakers ? `only ${speakers} speakers: the interval may be too narrow` : undefined;
}

/** Sums over the rows of each cluster. They are additive: the sum over clusters is the sum over all rows. */
export interface ClusterSums {
  /** shape [clusters, size] */
  sums: Float64Array;
  size: number;
}

/** Computes a number from sums over rows. */
export type Statistic = (sums: Float64Array) => number;

const maxResamples = 1_000_000;

/**
 * Bootstrap: statistics of clusters drawn with replacement, as many as there are. Only the non-zero sums of clusters are added,
 * never rows.
 *
 * @returns the values of each statistic; shape [statistics][resamples]
 * @throws {@link InvalidArgumentError} if `resamples` is not a positive integer, or there are no clusters
 */
export function resampleClusters(
  { sums, size }: ClusterSums,
  statistics: readonly Statistic[],
  { resamples = 2000, seed = 42 }: BootstrapOptions = {},
): Float64Array[] {
  const clusters = sums.length / size;
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new InvalidArgumentError('resamples', 'a positive integer', resamples);
  }
  if (resamples > maxResamples)
    throw new InvalidArgumentError('resamples', `at most ${maxResamples}`, resamples);
  if (clusters === 0) throw new InvalidArgumentError('sums', 'sums of at least one cluster', []);
  const { starts, places, values } = sparse(sums, size);
  const random = createRandom(seed);
  const drawn = new Float64Array(size);
  const results = statistics.map(() => new Float64Array(resamples));
  for (let i = 0; i < resamples; i++) {
    drawn.fill(0);
    for (let draw = 0; draw < clusters; draw++) {
      const cluster = random.integer(clusters);
      for (let k = starts[cluster]; k < starts[cluster + 1]; k++) drawn[places[k]] += values[k];
    }
    for (let s = 0; s < statistics.length; s++) results[s][i] = statistics[s](drawn);
  }
  return results;
}

/** The sums over all clusters; shape [size]. */
export function totalOf({ sums, size }: ClusterSums): Float64Array {
  const total = new Float64Array(size);
  for (let i = 0; i < sums.length; i++) total[i % size] += sums[i];
  return total;
}

/** Jackknife: a statistic without each cluster in turn; shape [clusters]. */
export function leaveOneOut(clusters: ClusterSums, statistic: Statistic): Float64Array {
  const { sums, size } = clusters;
  const total = totalOf(clusters);
  return Float64Array.from({ length: sums.length / size }, (_, cluster) =>
    statistic(total.map((sum, i) => sum - sums[cluster * size + i])),
  );
}

/** The non-zero values by cluster, and their positions in the sums. */
function sparse(
  sums: Float64Array,
  size: number,
): { starts: Int32Array; places: Int32Array; values: Float64Array } {
  const starts = new Int32Array(sums.length / size + 1);
  const places: number[] = [];
  for (let i = 0; i < sums.length; i++) {
    if (sums[i] !== 0) places.push(i);
    if ((i + 1) % size === 0) starts[(i + 1) / size] = places.length;
  }
  return {
    starts,
    places: Int32Array.from(places, (place) => place % size),
    values: Float64Array.from(places, (place) => sums[place]),
  };
}

/** @throws {@link InvalidArgumentError} if it is not between 0 and 1 */
export function requireLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new InvalidArgumentError('level', 'a number between 0 and 1', level);
}

/** The quantiles of the resampled values that enclose `level` of them. */
export function percentileLimits(resampled: Float64Array, level: number): [low: number, high: number] {
  const sorted = resampled.toSorted();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/**
 * Bias-corrected and accelerated limits: quantiles shifted to correct for the bias and skewness of the resampled values.
 *
 * @param estimate - the statistic of the original data
 * @param jackknife - the statistic without each cluster in turn
 * @see Efron (1987), Better bootstrap confidence intervals, doi 10.1080/01621459.1987.10478410; scipy 1.17 `bootstrap`
 */
export function bcaLimits(
  resampled: Float64Array,
  level: number,
  { estimate, jackknife }: { estimate: number; jackknife: Float64Array },
): [low: number, high: number] {
  const sorted = resampled.toSorted();
  let below = 0;
  for (const value of resampled) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const bias = normalQuantile(below / resampled.length);
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const limit = (share: number): number => {
    const moved = bias + normalQuantile(share);
    return quantile(sorted, normalCdf(bias + moved / (1 - acceleration * moved)));
  };
  return [limit((1 - level) / 2), limit((1 + level) / 2)];
}

/**
 * Wilson score interval of a proportion, for a small number of independent trials. Resampling would give an interval of width 0
 * if all or none are correct.
 *
 * @param right - successes
 * @param total - trials, at least 1
 * @param level - default 0.95
 * @throws {@link InvalidArgumentError} if the counts are not integers with 0 ≤ right ≤ total, or the level is not between 0 and 1
 * @see scipy 1.17, `binomtest(…).proportion_ci(method='wilson')`
 * @example
 * ```ts
 * wilsonLimits(9, 10); // [0.596, 0.982]
 * ```
 */
export function wilsonLimits(right: number, total: number, level = 0.95): [low: number, high: number] {
  if (!Number.isInteger(total) || total < 1)
    throw new InvalidArgumentError('total', 'a positive integer', total);
  if (!Number.isInteger(right) || right < 0 || right > total) {
    throw new InvalidArgumentError('right', `an integer from 0 to ${total}`, right);
  }
  requireLevel(level);
  const z = normalQuantile((1 + level) / 2);
  const share = right / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [right === 0 ? 0 : centre - half, right === total ? 1 : centre + half];
}

/**
 * Cumulative distribution function of the standard normal distribution, by Taylor series; error below 1e-15 for |x| < 7.
 *
 * @see Marsaglia (2004), Evaluating the normal distribution, doi 10.18637/jss.v011.i04
 */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Inverse of {@link normalCdf}, by bisection; limited to −8 … 8. */
export function normalQuantile(share: number): number {
  let low = -8;
  let high = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
