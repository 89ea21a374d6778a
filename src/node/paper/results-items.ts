import { formatCount, formatPercent } from '../../core/base';
import { configDifferences, type OptionPath, type PresetName, presets, valueText } from '../../core/config';
import { protocolNames, type ScoreProtocol } from '../../core/dataset';
import {
  committedNotebook,
  conditionCells,
  type GroupScores,
  type MetricName,
  metrics,
  paper,
  percentagePoints,
  protocolMark,
  publishedConditions,
  publishedScores,
  scoreWithDagger,
  shortPercent,
  underProtocol,
} from '../../core/evaluation';
import { conditionsFigure } from '../../core/figures';
import { paths } from '../files';
import { findModels } from '../models';
import { foldName, isSyntheticRun, isWholeRun, type MemberRecord, recordSource } from '../runs';
import { requireSameData, runsByModel, scored, type ScoredRun } from './figure-runs';
import { type DrawnItem, galleryTable, type GalleryTable, type RunItem } from './gallery-item';
import { tooFewProtocols } from './run-items';

/** Results tables: scores of this project compared with published scores. */
export const resultsItems: readonly RunItem[] = [
  {
    name: 'headline',
    about: 'a model under each protocol, compared with the paper and its committed notebook',
    from: 'runs',
    pick: ({ headline: runs }) => (runs.length > 1 ? runs : tooFewProtocols),
    draw: (runs) => ({ table: headline(runs.map(scored)) }),
  },
  {
    name: 'results',
    about: 'scores of all models under each protocol, compared with published scores',
    from: 'runs',
    pick: ({ results }) => (results.length > 1 ? results : tooFewProtocols),
    draw: (runs) => ({ table: byProtocol(runs.map(scored)) }),
  },
  {
    name: 'results-corpora',
    about: 'scores on each corpus with new speakers, compared with published scores',
    from: 'runs',
    pick: ({ resultsByCorpus: runs }) => (runs.length > 0 ? runs : 'no finished run under speakers'),
    draw: (runs) => ({ table: byCorpus(runs.map(scored)) }),
  },
];

const { accuracy, uar } = metrics;
const reported = (share: number | undefined): string => (share === undefined ? '' : shortPercent(share));
const ofRun = ({ scores }: GroupScores): string[] => [
  scoreWithDagger('accuracy', scores.accuracy!),
  scoreWithDagger('uar', scores.uar!),
];

/** The paper, its committed notebook and one run per protocol. */
function headline(runs: readonly ScoredRun[]): GalleryTable {
  requireSameData(runs);
  const rowOf = (protocol: ScoreProtocol, model: string, scores: readonly string[]): string[] => [
    protocolMark(underProtocol(protocol)),
    model,
    ...scores,
  ];
  return galleryTable(
    {
      title: 'Accuracy claimed and measured',
      source: `${recordSource(runs[0])}; […]: 95 % confidence interval over speakers`,
      protocol: 'first column',
    },
    ['protocol', 'model', accuracy.title, uar.title],
    [
      ...[paper, committedNotebook].map(({ source, accuracy: claimed }) =>
        rowOf('paper-rows', `the ${source.name}`, [reported(claimed), '']),
      ),
      ...runs.map((run) => rowOf(run.report.protocol, `here, ${modelOf(run)}`, ofRun(run.report.pooled))),
    ],
  );
}

function byProtocol(runs: readonly ScoredRun[]) {
  requireSameData(runs);
  const corpora = [...new Set(runs.flatMap(({ report }) => report.perCorpus.map(({ name }) => name)))];
  const lines = protocolNames.flatMap((protocol) => {
    const mark = protocolMark(underProtocol(protocol));
    const publishedLines = publishedScores
      .filter((one) => one.protocol === protocol && one.corpus === undefined)
      .map((one) => [mark, one.who, reported(one.accuracy), reported(one.uar), ...corpora.map(() => '')]);
    const own = runs.filter(({ report }) => report.protocol === protocol);
    const names = own.map(modelOf);
    const ownLines = own.map((run, i) => {
      const seed = names.filter((name) => name === names[i]).length > 1 ? `, seed ${run.config.seed}` : '';
      const of = (corpus: string): string => reported(groupOf(run, corpus)?.scores.accuracy?.value);
      return [mark, `here, ${names[i]}${seed}`, ...ofRun(run.report.pooled), ...corpora.map(of)];
    });
    return ownLines.length > 0 ? [...publishedLines, ...ownLines] : [];
  });
  const source = `${recordSource(runs[0])}; […]: 95 % confidence interval over speakers; corpus columns: accuracy`;
  return galleryTable(
    {
      title: 'Scores claimed and measured under each protocol',
      source,
      protocol: 'first column',
    },
    ['protocol', 'model', accuracy.title, uar.title, ...corpora],
    lines,
  );
}

/** The preset, and the options in which the run differs from it. */
function modelOf(run: ScoredRun): string {
  const { dataset } = run.config;
  return [
    ...whoOf(run),
    ...changesOf(run),
    ...(isWholeRun(dataset) ? [] : [`${foldName(dataset)} only`]),
  ].join(', ');
}

/** Options changed from the preset (for an ensemble, by its first member), without those shown elsewhere in the row. */
function changesOf(run: ScoredRun): string[] {
  const { config, members, splits } = run;
  const isNetwork = members !== undefined || splits.some(({ history }) => history.length > 0);
  return configDifferences(config)
    .filter(({ option }) => !shownElsewhere.includes(option) && (isNetwork || option !== 'training.epochs'))
    .map(({ option, value }) => optionTexts[option]?.(value, run) ?? `\`${option}=${valueText(value)}\``);
}

const shownElsewhere: readonly OptionPath[] = [
  'corpora',
  'seed',
  'model.kind',
  'dataset.protocol',
  'dataset.folds',
  'dataset.fold',
];
const optionTexts: Partial<Record<OptionPath, (value: unknown, run: ScoredRun) => string>> = {
  labels: (_, { figures }) => `${figures.classes.length} classes`,
  'features.levelDb': (value) => (value === null ? 'level as recorded' : 'level normalised'),
  'features.versions': (value) => `versions ${Object.keys(value as object).join(', ')}`,
  'dataset.normalisation': () => 'normalised per speaker (transductive)',
  'dataset.trainVersions': (value) => `trained on ${valueText(value)} versions`,
  'dataset.testVersions': () => 'test-time augmentation',
  'model.width': (value) => `width ${valueText(value)}`,
  'training.epochs': (value) => `${valueText(value)} epochs`,
};

/** Name of the model, or names of the ensemble's members. */
function whoOf({ config, members }: ScoredRun): string[] {
  const nameOf = ({ name, kind }: Pick<MemberRecord, 'name' | 'kind'>): string =>
    `\`${isOwnKind({ name, kind }) ? name : kind}\``;
  if (!members) return [nameOf({ name: config.name, kind: config.model.kind })];
  const counts = new Map<string, number>();
  for (const member of members) counts.set(nameOf(member), (counts.get(nameOf(member)) ?? 0) + 1);
  if (counts.size === 1) return [nameOf(members[0]), `ensemble of ${members.length} seeds`];
  const parts = [...counts].map(([name, count]) => (count > 1 ? `${name} (${count} seeds)` : name));
  return [`ensemble of ${parts.join(' and ')}`];
}

/** Whether a model is of the kind of its preset, unlike baselines, which replace it. */
const isOwnKind = ({ name, kind }: Pick<MemberRecord, 'name' | 'kind'>): boolean =>
  ((presets as Partial<typeof presets>)[name as PresetName]?.model.kind ?? kind) === kind;

const groupOf = ({ report }: ScoredRun, corpus: string): GroupScores | undefined =>
  report.perCorpus.find(({ name }) => name === corpus);

function byCorpus(runs: readonly ScoredRun[]) {
  const [first] = runs;
  const ofAll = runs.filter(({ config }) => String(config.corpora) === String(first.config.corpora));
  const ofOne = runs.filter((run) => !ofAll.includes(run));
  const lines = first.report.perCorpus.flatMap(({ name: corpus }) => [
    ...ofAll.flatMap((own) => {
      const group = groupOf(own, corpus);
      return group
        ? [[corpus, `here, ${modelOf(own)}, trained on all corpora`, ...ofRun(group), '', '']]
        : [];
    }),
    ...aloneLines(
      corpus,
      ofOne.filter(({ config }) => config.corpora[0] === corpus),
    ),
    ...publishedScores
      .filter((one) => one.corpus === corpus)
      .map((one) => {
        const split = one.protocol === 'speakers' ? '' : `${one.protocol}, `;
        const conditions = split + publishedConditions(one);
        return [corpus, one.who, reported(one.accuracy), reported(one.uar), conditions, one.where];
      }),
  ]);
  return galleryTable(
    {
      title: 'New speakers, corpus by corpus',
      source: [
        recordSource(first),
        'published scores use other folds',
        '[…]: 95 % confidence interval over speakers',
        '(… to …): range over seeds on one machine',
      ].join('; '),
      protocol: `${protocolMark(first.report)}, unless the row names another`,
    },
    ['corpus', 'model', accuracy.title, uar.title, 'conditions', 'source'],
    lines,
  );
}

/** Ranges of the accuracy with the same config and seed on several machines, for corpora where they exceed the range over seeds. */
const driftOfOneSeed: Readonly<Record<string, string | undefined>> = {
  SAVEE: 'accuracy of one seed on several machines and numbers of threads: 37.9 to 40.0 %',
};

/** Rows of runs trained on one corpus: of each model the mean and range over its seeds; ensembles. */
function aloneLines(corpus: string, all: readonly ScoredRun[]): string[][] {
  const lineOf = (
    run: ScoredRun,
    what: readonly string[],
    scores: readonly string[],
    conditions = '',
  ): string[] => {
    const { protocol } = run.config.dataset;
    const split = protocol === 'speakers' ? [] : [protocol];
    const [model, ...together] = whoOf(run);
    const parts = ['trained on this corpus only', ...changesOf(run), ...split, ...together, ...what];
    const who = [`here, ${model}`, ...parts].join(', ');
    return [corpus, who, ...scores, conditions, ''];
  };
  const singles = runsByModel(all.filter(({ members }) => !members)).map((runs) => {
    const [first] = runs;
    if (runs.length === 1) return lineOf(first, [], ofRun(first.report.pooled));
    const of = (metric: MetricName): string => {
      const values = runs.map((run) => run.report.pooled.scores[metric]!.value);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const [least, most] = [Math.min(...values), Math.max(...values)].map(percentagePoints);
      return `${formatPercent(mean)} (${least} to ${most})`;
    };
    const drift = runs.some(isSyntheticRun) ? undefined : driftOfOneSeed[corpus];
    return lineOf(first, [`${runs.length} seeds`], [of('accuracy'), of('uar')], drift);
  });
  const ensembles = all.filter(({ members }) => members);
  return [...singles, ...ensembles.map((run) => lineOf(run, [], ofRun(run.report.pooled)))];
}

/** The published model under recording conditions, from its card. */
export const conditionsItem: DrawnItem = {
  name: 'conditions',
  about:
    'the published model with another level, on the telephone, with noise, in a room and with other durations',
  from: 'nothing',
  draw: () => {
    const published = findModels([paths.models]).find(({ card }) => card.conditions);
    if (!published) return 'no published model with scores under recording conditions';
    const { conditions, name, clips } = published.card;
    const report = conditions!;
    const title = 'Accuracy of the published model under recording conditions';
    const source = `${String(name)}, trained on ${formatCount(Number(clips))} clips; ${formatCount(report.rows[0].clips)} test clips of ${report.split}`;
    const [columns, ...rows] = conditionCells(report);
    return {
      figure: conditionsFigure([{ name: 'speakers', ...report }], { title, source }),
      table: galleryTable({ title, source, protocol: report.protocolLabel }, columns, rows),
    };
  },
};
