import { InvalidArgumentError } from '../base';
import type { MetricName } from './metrics';
import { checkPredictions, groupRows, type Predictions, selectRows } from './predictions';
import { type IntervalOptions, type Score, scoreRows } from './score-rows';
import { type Spread, spreadOf } from './spread';
import { protocolOf, type UnderProtocol } from './under-protocol';

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
