import { formatCount, formatPercent, InvalidArgumentError, textTable } from '../base';
import {
  type BootstrapOptions,
  clusterRows,
  type Interval,
  percentileLimits,
  requireLevel,
  resampleClusters,
  totalOf,
} from './intervals';
import { type MetricName, metrics, tallyRows, tallySize } from './metrics';
import {
  checkPredictions,
  groupRows,
  predictedClasses,
  type Predictions,
  protocolMark,
  protocolOf,
  protocolText,
  selectRows,
  type UnderProtocol,
} from './predictions';
import { limitsText } from './score-report';

/** Difference between the scores of two runs on the same rows. */
export interface PairedDifference {
  /** corpus, or `pooled` for all rows */
  name: string;
  rows: number;
  first: number;
  second: number;
  /** `second` − `first` */
  difference: number;
  /** of the difference */
  interval: Interval;
  /** two-sided, from the same resamples */
  pValue: number;
}

/** Comparison of two runs. */
export interface RunComparison extends UnderProtocol {
  metric: MetricName;
  pooled: PairedDifference;
  perCorpus: PairedDifference[];
  /** on correct and wrong rows, pooled */
  mcNemar: McNemarTest;
}

/** Options of {@link compareRuns}. */
export interface CompareRunsOptions extends BootstrapOptions {
  /** default UAR */
  metric?: MetricName;
  /** default 0.95 */
  level?: number;
}

/**
 * Compares two runs on the same rows with a paired bootstrap over speakers: both runs are resampled with the same draws, so that
 * speakers that are difficult for both do not widen the interval.
 *
 * @throws {@link InvalidArgumentError} if the runs differ in protocol, classes, clips, order or labels, or an option is out of
 * range
 * @example
 * ```ts
 * console.log(formatComparison(compareRuns(baseline.predictions, tuned.predictions), ['baseline', 'tuned']));
 * ```
 */
export function compareRuns(
  first: Predictions,
  second: Predictions,
  { metric = 'uar', level = 0.95, ...options }: CompareRunsOptions = {},
): RunComparison {
  checkPredictions(first);
  checkPredictions(second);
  requireLevel(level);
  requireSameRows(first, second);
  const compareGroup = (name: string, a: Predictions, b: Predictions): PairedDifference => {
    const { of: clusterOf, count, by, note } = clusterRows(a.clips);
    const size = tallySize(a.classes.length);
    const pairs = {
      sums: interleave(
        [a, b].map((run) => tallyRows(run, clusterOf, count)),
        size,
      ),
      size: 2 * size,
    };
    const valueOf = (sums: Float64Array): number => metrics[metric].of(sums, a.classes.length);
    const differenceOf = (sums: Float64Array): number =>
      valueOf(sums.subarray(size)) - valueOf(sums.subarray(0, size));
    const total = totalOf(pairs);
    const [resampled] = resampleClusters(pairs, [differenceOf], options);
    const [low, high] = count === 1 ? [NaN, NaN] : percentileLimits(resampled, level);
    return {
      name,
      rows: a.clips.length,
      first: valueOf(total.subarray(0, size)),
      second: valueOf(total.subarray(size)),
      difference: differenceOf(total),
      interval: { low, high, level, method: 'percentile', by, count, ...(note && { note }) },
      pValue: count === 1 ? NaN : pValueOf(resampled),
    };
  };
  return {
    ...protocolOf(first),
    metric,
    pooled: compareGroup('pooled', first, second),
    perCorpus: [...groupRows(first.clips.length, (row) => first.clips[row].corpus)].map(([corpus, rows]) =>
      compareGroup(corpus, selectRows(first, rows), selectRows(second, rows)),
    ),
    mcNemar: mcNemarOf(first, second),
  };
}

function requireSameRows(first: Predictions, second: Predictions): void {
  const reject = (rule: string, value: unknown): never => {
    throw new InvalidArgumentError('second', `a run on the same rows as first: ${rule}`, value);
  };
  const mark = protocolMark(first);
  if (protocolMark(second) !== mark) reject(`protocol ${mark}`, protocolMark(second));
  if (second.classes.join() !== first.classes.join())
    reject(`classes ${first.classes.join()}`, second.classes);
  if (second.clips.length !== first.clips.length) reject(`${first.clips.length} rows`, second.clips.length);
  first.clips.forEach(({ path }, row) => {
    if (second.clips[row].path !== path) reject(`row ${row} of clip ${path}`, second.clips[row].path);
    const [a, b] = [first, second].map((run) => run.classes[run.actual[row]]);
    if (a !== b) reject(`row ${row} (${path}) labelled ${a}`, b);
  });
}

/** Tallies of the first and the second run, cluster by cluster; shape [clusters, 2 · size]. */
function interleave(tallies: readonly Float64Array[], size: number): Float64Array {
  const sums = new Float64Array(2 * tallies[0].length);
  tallies.forEach((tally, run) => {
    for (let i = 0; i < tally.length; i++) sums[i + (Math.floor(i / size) + run) * size] = tally[i];
  });
  return sums;
}

/** Twice the smaller share of resampled differences on one side of 0; at least 2 / (resamples + 1). */
function pValueOf(differences: Float64Array): number {
  const atMost = differences.filter((value) => value <= 0).length;
  const atLeast = differences.filter((value) => value >= 0).length;
  return Math.min(1, (2 * (Math.min(atMost, atLeast) + 1)) / (differences.length + 1));
}

function mcNemarOf(first: Predictions, second: Predictions): McNemarTest {
  const [a, b] = [first, second].map((run) =>
    predictedClasses(run).map((predicted, row) => (predicted === run.actual[row] ? 1 : 0)),
  );
  let onlyFirst = 0;
  let onlySecond = 0;
  a.forEach((right, row) => {
    if (right > b[row]) onlyFirst++;
    if (right < b[row]) onlySecond++;
  });
  return mcNemarTest(onlyFirst, onlySecond);
}

/**
 * A comparison as text, with the protocol in the first line and at the end of every line with a score.
 *
 * @param names - names of the two runs
 */
export function formatComparison(
  comparison: RunComparison,
  [first, second]: readonly [first: string, second: string] = ['first', 'second'],
): string {
  const { metric, pooled, perCorpus, mcNemar } = comparison;
  const { title, isShare } = metrics[metric];
  const mark = protocolMark(comparison);
  const value = (number: number): string => (isShare ? formatPercent(number) : number.toFixed(3));
  const sign = (number: number): string => (number > 0 ? '+' : '');
  const line = (one: PairedDifference): string[] => [
    one.name,
    formatCount(one.rows),
    value(one.first),
    value(one.second),
    `${sign(one.difference)}${value(one.difference)} ${limitsText(metric, one.interval)}`,
    pText(one.pValue),
    mark,
  ];
  const { by, count } = pooled.interval;
  return [
    `Protocol: ${protocolText(comparison)}`,
    `${title} of ${second} minus ${first}, resampled by ${by} (${formatCount(count)})`,
    '',
    textTable(
      [['', 'rows', first, second, 'difference', 'p', 'protocol'], ...[pooled, ...perCorpus].map(line)],
      [0, -1],
    ),
    '',
    `Correct only in ${first}: ${mcNemar.onlyFirst}, only in ${second}: ${mcNemar.onlySecond} rows ` +
      `(McNemar: exact p ${pText(mcNemar.exact)}, mid-p ${pText(mcNemar.midP)}, rows treated as independent; ${mark})`,
    '',
  ].join('\n');
}

function pText(p: number): string {
  return Number.isNaN(p) ? 'none' : p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Result of McNemar's test of whether two runs have the same accuracy. */
interface McNemarTest {
  /** rows that only the first run predicts correctly */
  onlyFirst: number;
  /** rows that only the second run predicts correctly */
  onlySecond: number;
  /** two-sided p-value of the exact test, which is conservative */
  exact: number;
  /** two-sided mid-p-value, closer to the nominal level; 1 if the runs never differ */
  midP: number;
}

/**
 * McNemar's test on the rows that exactly one of two runs predicts correctly: with equal accuracy, each run is correct in half of
 * them. Without such a row both p-values are 1. Rows are treated as independent, which rows of one speaker are not; {@link compareRuns} resamples speakers instead.
 *
 * @param onlyFirst - rows that only the first run predicts correctly
 * @param onlySecond - rows that only the second run predicts correctly
 * @throws {@link InvalidArgumentError} if a count is not an integer of at least 0
 * @see Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data, doi 10.1186/1471-2288-13-91
 * @example
 * ```ts
 * mcNemarTest(10, 25).midP; // 0.011
 * ```
 */
export function mcNemarTest(onlyFirst: number, onlySecond: number): McNemarTest {
  for (const [name, count] of Object.entries({ onlyFirst, onlySecond })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new InvalidArgumentError(name, 'an integer of at least 0', count);
    }
  }
  const total = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  let logChance = -total * Math.LN2; // binomial probability of 0 of `total` rows at p = 0.5
  let chance = Math.exp(logChance);
  let atMost = chance;
  for (let k = 1; k <= fewer; k++) {
    logChance += Math.log((total - k + 1) / k);
    chance = Math.exp(logChance);
    atMost += chance;
  }
  const equal = onlyFirst === onlySecond;
  // With equal counts, `chance` is the probability of the most likely outcome, which counts half. Without rows there is one outcome.
  const midP = total === 0 ? 1 : equal ? 1 - chance / 2 : 2 * atMost - chance;
  return { onlyFirst, onlySecond, exact: Math.min(1, 2 * atMost), midP };
}
