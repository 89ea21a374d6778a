import { createRandom, InvalidArgumentError } from '../base';

/** Sums over the rows of each cluster; sums of clusters add up to the sums of all. */
export interface ClusterSums {
  /** shape [clusters, size] */
  sums: Float64Array;
  size: number;
}

/** A number that follows from sums. */
export type Statistic = (sums: Float64Array) => number;

export interface BootstrapOptions {
  /** times that clusters are drawn; 2,000 by default */
  resamples?: number;
  /** of the draws; 42 by default */
  seed?: number;
}

/**
 * Statistics of clusters drawn with replacement, as many as there are (bootstrap). Only sums of clusters are added, never
 * rows, and only where they are not 0.
 *
 * @returns for each statistic its values; shape [statistics][resamples]
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

/** The sums of all clusters; shape [size]. */
export function totalOf({ sums, size }: ClusterSums): Float64Array {
  const total = new Float64Array(size);
  for (let i = 0; i < sums.length; i++) total[i % size] += sums[i];
  return total;
}

/** A statistic of all clusters but one, for each in turn (jackknife); shape [clusters]. */
export function leaveOneOut(clusters: ClusterSums, statistic: Statistic): Float64Array {
  const { sums, size } = clusters;
  const total = totalOf(clusters);
  return Float64Array.from({ length: sums.length / size }, (_, cluster) =>
    statistic(total.map((sum, i) => sum - sums[cluster * size + i])),
  );
}

/** The values that are not 0, cluster by cluster, and their places in the sums. */
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
