import { formatCount, formatLeftOut, formatPercent, InvalidArgumentError, textTable } from '../base';
import { type Interval, type IntervalOptions, type Score, scoreRows } from './intervals';
import { type MetricName, metrics } from './metrics';
import {
  type Caveats,
  caveatsOf,
  checkPredictions,
  groupRows,
  type Predictions,
  protocolMark,
  protocolOf,
  protocolText,
  selectRows,
  type UnderProtocol,
} from './predictions';

/** Scores of a group of rows. */
export interface GroupScores {
  /** corpus or fold, or `pooled` for all rows */
  name: string;
  rows: number;
  clips: number;
  /** number of known speakers */
  speakers: number;
  /** training seed, if there were several */
  seed?: number;
  scores: Partial<Record<MetricName, Score>>;
}

/** Scores of a run: pooled, by corpus and by fold. */
export interface ScoreReport extends UnderProtocol, Caveats {
  metrics: readonly MetricName[];
  pooled: GroupScores;
  perCorpus: GroupScores[];
  /** by fold and, if there were several, by seed */
  perSplit: GroupScores[];
  /** spread over the folds */
  overSplits: Partial<Record<MetricName, Spread>>;
  /** spread over the seeds, each scored over all its folds; absent for a single seed */
  overSeeds?: Partial<Record<MetricName, Spread>>;
  level: number;
  resamples: number;
}

/** Options of {@link scoreReport}. */
export interface ScoreReportOptions extends IntervalOptions {
  /** default accuracy, UAR and macro F1 */
  metrics?: readonly MetricName[];
}

/**
 * Scores predictions with intervals: pooled, by corpus and by fold, and the spread over folds and seeds. A pooled score depends
 * on the mix of corpora, so it is always reported together with the scores of each corpus.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid, or an option is out of range
 * @example
 * ```ts
 * const report = scoreReport(predictions);
 * formatScore('uar', report.pooled.scores.uar!, report); // 'UAR 51.2 % [48.0, 54.4] under speakers'
 * ```
 */
export function scoreReport(
  predictions: Predictions,
  {
    metrics = ['accuracy', 'uar', 'macroF1'],
    level = 0.95,
    resamples = 2000,
    ...rest
  }: ScoreReportOptions = {},
): ScoreReport {
  checkPredictions(predictions);
  if (metrics.length === 0) throw new InvalidArgumentError('metrics', 'a list with at least one metric', []);
  const options = { level, resamples, ...rest };
  const { clips, splitOf, splits, seedOf } = predictions;
  const scoresOf = (name: string, own: Predictions): GroupScores => ({
    name,
    rows: own.clips.length,
    clips: new Set(own.clips.map(({ path }) => path)).size,
    speakers: new Set(own.clips.flatMap(({ speaker }) => speaker ?? [])).size,
    scores: scoreRows(own, metrics, options),
  });
  const by = <Key>(keyOf: (row: number) => Key): [Key, Predictions][] =>
    [...groupRows(clips.length, keyOf)].map(([key, rows]) => [key, selectRows(predictions, rows)]);
  const spread = (groups: readonly GroupScores[]): Partial<Record<MetricName, Spread>> =>
    Object.fromEntries(
      metrics.map((metric) => [metric, spreadOf(groups.map(({ scores }) => scores[metric]!.value))]),
    );

  const seeds = new Set(seedOf);
  const perSeed =
    seeds.size > 1 ? by((row) => seedOf![row]).map(([seed, own]) => scoresOf(`seed ${seed}`, own)) : [];
  const perSplit = by((row) => `${seedOf?.[row] ?? ''} ${splitOf[row]}`).map(([, own]) => ({
    ...scoresOf(splits[own.splitOf[0]], own),
    ...(seeds.size > 1 && { seed: own.seedOf![0] }),
  }));
  return {
    ...protocolOf(predictions),
    metrics,
    pooled: scoresOf('pooled', predictions),
    perCorpus: by((row) => clips[row].corpus).map(([corpus, own]) => scoresOf(corpus, own)),
    perSplit,
    overSplits: spread(perSplit),
    ...(perSeed.length > 0 && { overSeeds: spread(perSeed) }),
    level,
    resamples,
    ...caveatsOf(predictions),
  };
}

/** Mean and spread of values. */
export interface Spread {
  mean: number;
  /** sample standard deviation (n − 1); NaN for one value */
  deviation: number;
  lowest: number;
  highest: number;
  count: number;
}

/**
 * Mean, standard deviation and range, for example of a score over folds or seeds.
 *
 * @throws {@link InvalidArgumentError} if there are no values
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new InvalidArgumentError('values', 'a list with at least one number', []);
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: Math.sqrt(squares / (count - 1)),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    count,
  };
}

/** Maximum number of folds listed; with more, only their mean and standard deviation are shown. */
const maxFoldsListed = 12;

/** A score report as text, with the protocol in the first line and at the end of every line with a score. */
export function formatScoreReport(report: ScoreReport): string {
  const { pooled, perCorpus, perSplit, overSplits, overSeeds, level, resamples } = report;
  const mark = protocolMark(report);
  const titles = report.metrics.map((metric) => metrics[metric].title);
  const line = ({ name, seed, rows, clips, speakers, scores }: GroupScores): string[] => [
    seed === undefined ? name : `${name}, seed ${seed}`,
    ...[rows, clips, speakers].map(formatCount),
    ...report.metrics.map((metric) => scoreText(metric, scores[metric]!)),
    mark,
  ];
  const spreadLine = (name: string, spreads: Partial<Record<MetricName, Spread>>): string[] => [
    name,
    '',
    '',
    '',
    ...report.metrics.map((metric) => spreadText(metric, spreads[metric]!)),
    mark,
  ];
  const lines = [pooled, ...perCorpus].map(line);
  if (perSplit.length > 1) {
    if (perSplit.length <= maxFoldsListed) lines.push([], ...perSplit.map(line));
    lines.push(spreadLine(`mean ± sd of ${perSplit.length} folds`, overSplits));
  }
  if (overSeeds)
    lines.push(spreadLine(`mean ± sd of ${overSeeds[report.metrics[0]]!.count} seeds`, overSeeds));
  const { by, count } = pooled.scores[report.metrics[0]]!.interval;
  return [
    `Protocol: ${protocolText(report)}`,
    `In brackets: ${shortPercent(level)} intervals, resampled by ${by} (${formatCount(count)}; ${formatCount(resamples)} times)`,
    '',
    textTable([['', 'rows', 'clips', 'speakers', ...titles, 'protocol'], ...lines], [0, -1]),
    ...notesOf([pooled, ...perCorpus], report.metrics[0]),
    ...caveatLines(report),
    '',
  ].join('\n');
}

/** One line on what was left out, if anything, and one per warning. */
export function caveatLines({ leftOut = [], warnings = [] }: Caveats): string[] {
  return [
    ...formatLeftOut(leftOut, 1).map((line) => `Left out: ${line}`),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

function spreadText(metric: MetricName, { mean, deviation }: Spread): string {
  return metrics[metric].isShare
    ? `${percentagePoints(mean)} ± ${formatPercent(deviation)}`
    : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

function notesOf(groups: readonly GroupScores[], metric: MetricName): string[] {
  return groups.flatMap(({ name, scores }) => {
    const note = scores[metric]?.interval.note;
    return note === undefined ? [] : [`${name}: ${note}`];
  });
}

/**
 * A score as text, always with the protocol it was measured under.
 *
 * @returns for example `UAR 51.2 % [48.0, 54.4] under speakers`, or `… under paper-rows, LEAKY`
 */
export function formatScore(metric: MetricName, score: Score, under: UnderProtocol): string {
  return `${metrics[metric].title} ${scoreText(metric, score)} under ${protocolMark(under)}`;
}

/** A score and its interval, `51.2 % [48.0, 54.4]`, for tables where each line ends with the protocol. */
export function scoreText(metric: MetricName, { value, interval }: Score): string {
  const text = metrics[metric].isShare ? formatPercent(value) : value.toFixed(3);
  return `${text} ${limitsText(metric, interval)}`;
}

const dagger = '†';

/**
 * Like {@link scoreText}, with a † if the interval may be too narrow, for tables without room for the interval's note. Print
 * `daggerNote` next to the table.
 */
export function scoreWithDagger(metric: MetricName, score: Score): string {
  const text = scoreText(metric, score);
  return score.interval.note === undefined ? text : `${text} ${dagger}`;
}

/** Explains the † in the cells of a table; undefined if there is none. */
export function daggerNote(cells: Iterable<unknown>): string | undefined {
  for (const cell of cells) {
    if (typeof cell === 'string' && cell.endsWith(dagger))
      return `${dagger} few or unknown speakers, or few clips: the interval may be far too narrow`;
  }
  return undefined;
}

/** Limits of an interval in the unit of the metric: `[48.0, 54.4]`. */
export function limitsText(metric: MetricName, { low, high }: Pick<Interval, 'low' | 'high'>): string {
  if (Number.isNaN(low)) return '[no interval]';
  const text = (limit: number): string =>
    metrics[metric].isShare ? percentagePoints(limit) : limit.toFixed(3);
  return `[${text(low)}, ${text(high)}]`;
}

/** A share in percent without the sign: `51.2`. */
export function percentagePoints(share: number): string {
  return (100 * share).toFixed(1);
}

/** A share in percent without trailing zeros, for published scores: 0.96 is `96 %`. */
export function shortPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
