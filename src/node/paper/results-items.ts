import { configDifferences, type OptionPath, valueText } from '../../core/config';
import { protocolNames } from '../../core/dataset';
import {
  briefPercent,
  type GroupScores,
  type MetricName,
  metrics,
  percent,
  protocolMark,
  publishedScores,
  scoreWithDagger,
  underProtocol,
} from '../../core/evaluation';
import { isWholeRun, type MemberRecord, recordSource, type StoredRun } from '../runs';
import { isOfNewSpeakers, isOwnKind } from './choose-runs';
import type { RunItem } from './gallery-item';
import { galleryTable } from './gallery-table';
import { requireSameData, scored, type ScoredRun } from './scored-run';

/** The front page: what is measured here beside what others report, under each protocol, and of each corpus. */
export const resultsItems: readonly RunItem[] = [
  {
    name: 'results',
    about: 'scores under each protocol, beside the paper, its committed notebook and an independent rerun',
    from: 'runs',
    pick: ({ paper, steps, ensembles, others, missing }) =>
      steps.length > 1
        ? [
            ...new Set([
              ...(paper ? [paper] : []),
              ...steps,
              ...onSameCorpora(steps[0], ensembles),
              ...others,
            ]),
          ]
        : missing.join('; '),
    draw: (runs) => ({ table: byProtocol(runs.map(scored)) }),
  },
  {
    name: 'results-corpora',
    about: 'scores of each corpus, of speakers never heard, beside published work',
    from: 'runs',
    pick: ({ twin, alone, ensembles, others, missing }) =>
      twin
        ? [twin, ...[...ensembles, ...others].filter(isBesideTwin), ...alone]
        : missing.filter((reason) => reason.includes('speakers')).join('; '),
    draw: (runs: readonly StoredRun[]) => ({ table: byCorpus(runs.map(scored)) }),
  },
];

const onSameCorpora = <Run extends StoredRun>(first: Run, runs: readonly Run[]): Run[] =>
  runs.filter(({ config }) => String(config.corpora) === String(first.config.corpora));
const isBesideTwin = (run: StoredRun): boolean =>
  isOwnKind({ name: run.config.name, kind: run.config.model.kind }) &&
  isOfNewSpeakers(run) &&
  isWholeRun(run.config.dataset);
const { accuracy, uar } = metrics;
const reported = (share: number | undefined): string => (share === undefined ? '' : briefPercent(share));
const ofRun = ({ scores }: GroupScores): string[] => [
  scoreWithDagger('accuracy', scores.accuracy!),
  scoreWithDagger('uar', scores.uar!),
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
        const of = (corpus: string): string => reported(groupOf(run, corpus)?.scores.accuracy?.value);
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
function modelOf(run: ScoredRun): string {
  const { dataset } = run.config;
  return [
    ...whoOf(run),
    ...changesOf(run),
    ...(isWholeRun(dataset) ? [] : [`fold ${Number(dataset.fold) + 1} only`]),
  ].join(', ');
}

/** What of the preset was changed, of an ensemble that of the first; protocol, corpora and kind of model are told elsewhere. */
function changesOf({ config, members, splits }: ScoredRun): string[] {
  const isNetwork = members !== undefined || splits.some(({ history }) => history.length > 0);
  return configDifferences(config)
    .filter(({ option }) => !toldElsewhere.includes(option) && (isNetwork || option !== 'training.epochs'))
    .map(({ option, value }) => wordsFor[option]?.(value) ?? `\`${option}=${valueText(value)}\``);
}

const toldElsewhere: readonly OptionPath[] = [
  'corpora',
  'seed',
  'model.kind',
  'dataset.protocol',
  'dataset.folds',
  'dataset.fold',
];
const wordsFor: Partial<Record<OptionPath, (value: unknown) => string>> = {
  'features.versions': (value) => `versions ${Object.keys(value as object).join(', ')}`,
  'dataset.normalisation': () => 'normalised per speaker (transductive)',
  'dataset.trainVersions': (value) => `trained on ${valueText(value)} versions`,
  'dataset.testVersions': () => 'hearing each clip in every version it has learned from',
  'model.width': (value) => `width ${valueText(value)}`,
  'training.epochs': (value) => `${valueText(value)} epochs`,
};

/** The model, or those of an ensemble; then what they are together, where it is not said yet. */
function whoOf({ config, members }: ScoredRun): string[] {
  const nameOf = ({ name, kind }: Pick<MemberRecord, 'name' | 'kind'>): string =>
    `\`${isOwnKind({ name, kind }) ? name : kind}\``;
  if (!members) return [nameOf({ name: config.name, kind: config.model.kind })];
  const counts = new Map<string, number>();
  for (const member of members) counts.set(nameOf(member), (counts.get(nameOf(member)) ?? 0) + 1);
  if (counts.size === 1) return [nameOf(members[0]), `${members.length} seeds as one model`];
  const parts = [...counts].map(([name, count]) => (count > 1 ? `${name} (${count} seeds)` : name));
  return [`${parts.join(' and ')} as one model`];
}

const groupOf = ({ report }: ScoredRun, corpus: string): GroupScores | undefined =>
  report.perCorpus.find(({ name }) => name === corpus);

function byCorpus(runs: readonly ScoredRun[]) {
  const [twin] = runs;
  const ofAll = onSameCorpora(twin, runs);
  const ofOne = runs.filter((run) => !ofAll.includes(run));
  const lines = twin.report.perCorpus.flatMap(({ name: corpus }) => [
    ...ofAll.flatMap((own) => {
      const group = groupOf(own, corpus);
      return group ? [[corpus, `here, ${modelOf(own)}, trained on all corpora`, ...ofRun(group), '']] : [];
    }),
    ...aloneLines(
      corpus,
      ofOne.filter(({ config }) => config.corpora[0] === corpus),
    ),
    ...publishedScores
      .filter((one) => one.protocol === 'speakers' && one.corpus === corpus)
      .map((one) => [corpus, one.who, reported(one.accuracy), reported(one.uar), one.where]),
  ]);
  return galleryTable(
    {
      title: 'Speakers never heard, corpus by corpus',
      source: [
        recordSource(twin),
        'published scores have folds of their own',
        '[…]: 95 % intervals by speakers drawn anew',
        '(… to …): range over seeds',
      ].join('; '),
      protocol: `${protocolMark(twin.report)}, or as the row says`,
    },
    ['corpus', 'whose', accuracy.title, uar.title, 'source'],
    lines,
  );
}

/** Trained on one corpus: its scores, of several seeds their means and ranges, and those of several seeds as one model. */
function aloneLines(corpus: string, all: readonly ScoredRun[]): string[][] {
  const lineOf = (run: ScoredRun, what: readonly string[], scores: readonly string[]): string[] => {
    const { protocol } = run.config.dataset;
    const split = protocol === 'speakers' ? [] : [protocol];
    const [model, ...together] = whoOf(run);
    const parts = ['trained on it alone', ...changesOf(run), ...split, ...together, ...what];
    const who = [`here, ${model}`, ...parts].join(', ');
    return [corpus, who, ...scores, ''];
  };
  const ensembles = all.flatMap((run) => (run.members ? [lineOf(run, [], ofRun(run.report.pooled))] : []));
  const runs = all.filter(({ members }) => !members);
  if (runs.length <= 1)
    return [...runs.map((run) => lineOf(run, [], ofRun(run.report.pooled))), ...ensembles];
  const of = (metric: MetricName): string => {
    const values = runs.map((run) => run.report.pooled.scores[metric]!.value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return `${percent(mean)} % (${percent(Math.min(...values))} to ${percent(Math.max(...values))})`;
  };
  return [lineOf(runs[0], [`${runs.length} seeds`], [of('accuracy'), of('uar')]), ...ensembles];
}
