import { type PresetName, presets } from '../config';
import { protocolNames } from '../dataset';
import {
  briefPercent,
  type GroupScores,
  type MetricName,
  metrics,
  percent,
  protocolMark,
  scoreText,
  underProtocol,
} from '../evaluation';
import { isWholeRun, publishedScores, recordSource, type StoredRun } from '../experiment';
import type { RunItem } from './gallery-item';
import { galleryTable } from './gallery-table';
import { requireSameData, scored, type ScoredRun } from './scored-run';

/** The front page: what is measured here beside what others report, under each protocol, and of each corpus. */
export const resultsItems: readonly RunItem[] = [
  {
    name: 'results',
    about: 'scores under each protocol, beside the paper, its committed notebook and an independent rerun',
    from: 'runs',
    pick: ({ paper, steps, others, missing }) =>
      steps.length > 1 ? [...new Set([...(paper ? [paper] : []), ...steps, ...others])] : missing.join('; '),
    draw: (runs) => ({ table: byProtocol(runs.map(scored)) }),
  },
  {
    name: 'results-corpora',
    about: 'scores of each corpus, of speakers never heard, beside published work',
    from: 'runs',
    pick: ({ twin, alone, missing }) =>
      twin ? [twin, ...alone] : missing.filter((reason) => reason.includes('speakers')).join('; '),
    draw: (runs: readonly StoredRun[]) => {
      const [twin, ...alone] = runs.map(scored);
      return { table: byCorpus(twin, alone) };
    },
  },
];

const { accuracy, uar } = metrics;
const reported = (share: number | undefined): string => (share === undefined ? '' : briefPercent(share));
const ofRun = ({ scores }: GroupScores): string[] => [
  scoreText('accuracy', scores.accuracy!),
  scoreText('uar', scores.uar!),
];

function byProtocol(runs: readonly ScoredRun[]) {
  requireSameData(runs);
  const corpora = [...new Set(runs.flatMap(({ report }) => report.perCorpus.map(({ name }) => name)))];
  const lines = protocolNames.flatMap((protocol) => {
    const mark = protocolMark(underProtocol(protocol));
    const theirs = publishedScores
      .filter((one) => one.protocol === protocol && one.corpus === undefined)
      .map((one) => [mark, one.who, reported(one.accuracy), reported(one.uar), ...corpora.map(() => '')]);
    const ours = runs
      .filter(({ report }) => report.protocol === protocol)
      .map((run) => {
        const { report } = run;
        const of = (corpus: string): string => {
          const group = report.perCorpus.find(({ name }) => name === corpus);
          return reported(group?.scores.accuracy?.value);
        };
        return [mark, `here, ${modelOf(run)}`, ...ofRun(report.pooled), ...corpora.map(of)];
      });
    return ours.length > 0 ? [...theirs, ...ours] : [];
  });
  const source = `${recordSource(runs[0])}; 95 % intervals by speakers drawn anew; of each corpus the accuracy`;
  return galleryTable(
    {
      title: 'What was claimed, and what is measured, protocol by protocol',
      source,
      protocol: 'in the first column',
    },
    ['protocol', 'whose', accuracy.title, uar.title, ...corpora],
    lines,
  );
}

/** The preset, and what else tells its run from those of other models. */
function modelOf({ config: { name, model, dataset } }: ScoredRun): string {
  const isOwn = presets[name as PresetName].model.kind === model.kind;
  return [
    isOwn ? `\`${name}\`` : `\`${model.kind}\``,
    ...(dataset.normalisation === 'speaker' ? ['normalised per speaker (transductive)'] : []),
    ...(isWholeRun(dataset) ? [] : [`fold ${Number(dataset.fold) + 1} only`]),
  ].join(', ');
}

function byCorpus(run: ScoredRun, alone: readonly ScoredRun[]) {
  const lines = run.report.perCorpus.flatMap((group) => [
    [group.name, `here, \`${run.config.name}\`, trained on all corpora`, ...ofRun(group), ''],
    ...aloneLines(
      group.name,
      alone.filter(({ config }) => config.corpora[0] === group.name),
    ),
    ...publishedScores
      .filter((one) => one.protocol === 'speakers' && one.corpus === group.name)
      .map((one) => [group.name, one.who, reported(one.accuracy), reported(one.uar), one.where]),
  ]);
  return galleryTable(
    {
      title: 'Speakers never heard, corpus by corpus',
      source: `${recordSource(run)}; published scores have folds of their own`,
      protocol: protocolMark(run.report),
    },
    ['corpus', 'whose', accuracy.title, uar.title, 'source'],
    lines,
  );
}

/** Trained on one corpus: its scores, or of several seeds their means and ranges. */
function aloneLines(corpus: string, runs: readonly ScoredRun[]): string[][] {
  if (runs.length === 0) return [];
  const [{ config, report }] = runs;
  const { protocol } = config.dataset;
  const split = protocol === 'speakers' ? '' : `, ${protocol}`;
  const who = `here, \`${config.name}\`, trained on it alone, ${config.training.epochs} epochs${split}`;
  if (runs.length === 1) return [[corpus, who, ...ofRun(report.pooled), '']];
  const of = (metric: MetricName): string => {
    const values = runs.map((run) => run.report.pooled.scores[metric]!.value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return `${percent(mean)} % (${percent(Math.min(...values))} to ${percent(Math.max(...values))})`;
  };
  return [[corpus, `${who}, ${runs.length} seeds`, of('accuracy'), of('uar'), '']];
}
