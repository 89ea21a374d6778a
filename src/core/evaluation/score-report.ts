import { InvalidArgumentError, textTable } from '../base';
import { percent, scoreText } from './score-text';
import { type MetricName, metrics } from './metrics';
import { checkPredictions, groupRows, type Predictions, protocolMark, protocolOf, protocolText, selectRows, type UnderProtocol } from './predictions';
import { type IntervalOptions, type Score, scoreRows } from './score-rows';

/** The scores of some of the rows. */
export interface GroupScores {
  /** corpus or fold; `pooled` for all rows */
  name: string;
  rows: number;
  clips: number;
  /** speakers named */
  speakers: number;
  /** of the training, where there were several */
  seed?: number;
  scores: Partial<Record<MetricName, Score>>;
}

/** Every score of a run, none without the others. */
export interface ScoreReport extends UnderProtocol {
  metrics: readonly MetricName[];
  pooled: GroupScores;
  perCorpus: GroupScores[];
  /** by fold and, where there were several, by seed */
  perSplit: GroupScores[];
  /** of the scores of the folds */
  overSplits: Partial<Record<MetricName, Spread>>;
  /** of the scores of the seeds, each over all its folds; absent where there was one */
  overSeeds?: Partial<Record<MetricName, Spread>>;
  level: number;
  resamples: number;
}

export interface ScoreReportOptions extends IntervalOptions {
  /** accuracy, UAR and macro F1 by default */
  metrics?: readonly MetricName[];
}

/**
 * Scores predictions: pooled, by corpus and by fold, each with its interval, and the spread over folds and seeds. A pooled
 * score follows the mix of the corpora, so it never comes without theirs.
 *
 * @throws {@link InvalidArgumentError} if the predictions do not hold together, or an option is out of range
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
  const of = (name: string, own: Predictions): GroupScores => ({
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
    seeds.size > 1 ? by((row) => seedOf![row]).map(([seed, own]) => of(`seed ${seed}`, own)) : [];
  const perSplit = by((row) => `${seedOf?.[row] ?? ''} ${splitOf[row]}`).map(([, own]) => ({
    ...of(splits[own.splitOf[0]], own),
    ...(seeds.size > 1 && { seed: own.seedOf![0] }),
  }));
  return {
    ...protocolOf(predictions),
    metrics,
    pooled: of('pooled', predictions),
    perCorpus: by((row) => clips[row].corpus).map(([corpus, own]) => of(corpus, own)),
    perSplit,
    overSplits: spread(perSplit),
    ...(perSeed.length > 0 && { overSeeds: spread(perSeed) }),
    level,
    resamples,
  };
}

/** The middle and the scatter of some values. */
export interface Spread {
  mean: number;
  /** sample standard deviation (over n − 1); NaN of one value */
  deviation: number;
  lowest: number;
  highest: number;
  count: number;
}

/**
 * Mean, standard deviation and range, as of a score over folds or seeds.
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

/** More folds than this are summed up in the line of their spread. */
const mostFoldsListed = 12;

/** A score report as text: the protocol in the first line, and again at the end of every line with a score. */
export function formatScoreReport(report: ScoreReport): string {
  const { pooled, perCorpus, perSplit, overSplits, overSeeds, level, resamples } = report;
  const mark = protocolMark(report);
  const titles = report.metrics.map((metric) => metrics[metric].title);
  const line = ({ name, seed, rows, clips, speakers, scores }: GroupScores): string[] => [
    seed === undefined ? name : `${name}, seed ${seed}`,
    ...[rows, clips, speakers].map((count) => count.toLocaleString('en-US')),
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
    if (perSplit.length <= mostFoldsListed) lines.push([], ...perSplit.map(line));
    lines.push(spreadLine(`mean ± sd of ${perSplit.length} folds`, overSplits));
  }
  if (overSeeds)
    lines.push(spreadLine(`mean ± sd of ${overSeeds[report.metrics[0]]!.count} seeds`, overSeeds));
  const { by, count } = pooled.scores[report.metrics[0]]!.interval;
  return [
    `Protocol: ${protocolText(report)}`,
    `In brackets: ${Number(percent(level))} % intervals, resampled by ${by} (${count.toLocaleString('en-US')}; ${resamples.toLocaleString('en-US')} times)`,
    '',
    textTable([['', 'rows', 'clips', 'speakers', ...titles, 'protocol'], ...lines], [0, -1]),
    ...notesOf([pooled, ...perCorpus], report.metrics[0]),
    '',
  ].join('\n');
}

function spreadText(metric: MetricName, { mean, deviation }: Spread): string {
  return metrics[metric].isShare
    ? `${percent(mean)} ± ${percent(deviation)} %`
    : `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`;
}

function notesOf(groups: readonly GroupScores[], metric: MetricName): string[] {
  return groups.flatMap(({ name, scores }) => {
    const note = scores[metric]?.interval.note;
    return note === undefined ? [] : [`${name}: ${note}`];
  });
}
