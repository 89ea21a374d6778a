import { type Emotion, isDemoName, markdownTable } from '../../core/base';
import { configDifferences, type ExperimentConfig, formatConfig, valueText } from '../../core/config';
import { protocolCards } from '../../core/dataset';
import {
  type Calibration,
  daggerNote,
  metrics,
  paper,
  percent,
  protocolMark,
  type ScoreReport,
  scoreText,
  scoreWithDagger,
  type Slices,
} from '../../core/evaluation';
import type { ModelCard } from '../../core/prediction';
import { type CorpusCard, corpusCards } from '../corpora';
import type { RunRecord } from '../runs';

/** A record of a run that was scored. */
export type ScoredRun = RunRecord & Required<Pick<RunRecord, 'report' | 'data'>>;

/**
 * What people have to know of a model before they ask it, in Markdown: what it was trained on and how it scored, for whom it is
 * worst, what it is for and what not, and how to make it again. All of it comes from the run's record and the bundle's card.
 *
 * @see Mitchell et al. (2019), Model Cards for Model Reporting
 */
export function modelCard(
  name: string,
  record: ScoredRun,
  { classes, card, configs }: PublishedModel,
): string {
  const { report, calibration, slices, data } = record;
  return [
    `# ${name}`,
    `${whatText(configs)} ${classes.join(', ')} apart in recordings of acted speech. Written by ` +
      `\`npm run models -- publish\` from the record of ${configs.length > 1 ? 'their runs as one' : 'its run'}.`,
    fence('sh', `npm run predict -- recording.wav --model data/models/${name}`),
    '## Scores',
    `Protocol: **${protocolMark(report)}**: ${protocolCards[report.protocol].description} A score measures ` +
      `${report.protocolLabel}. Brackets: ${100 * report.level} % intervals, resampled by speakers.`,
    scoresTable(report),
    splitText(report, card),
    '## For whom it is worst',
    slicesText(slices),
    '## Calibration',
    calibrationText(calibration, card),
    '## Training data',
    `${data.clips.toLocaleString('en')} clips, test and validation included; fingerprint \`${data.fingerprint.slice(0, 16)}\`. No ` +
      'recording is part of the model.',
    corporaTable(card),
    '## What it is for',
    'Trying the workbench, teaching, and comparing with other models under the same protocol.',
    '## What it must not be used for',
    bullets(notForOf(card)),
    '## How it was made',
    madeText(record, configs),
    '## Citation',
    bullets([
      `the method that this project takes apart: ${paper.source.where}`,
      ...corporaOf(card).flatMap(([corpus]) => cardOf(corpus)?.citation ?? []),
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** What a bundle says of itself. */
export interface PublishedModel {
  classes: readonly Emotion[];
  card: ModelCard;
  /** of the model, or of each member of an ensemble */
  configs: readonly ExperimentConfig[];
}

function whatText(configs: readonly ExperimentConfig[]): string {
  const kinds = configs.map(({ name, model, seed }) => {
    const which = configs.length > 1 ? `, seed ${seed}` : '';
    return `\`${model.kind}\` model (preset \`${name}\`${which})`;
  });
  if (kinds.length === 1) return `A ${kinds[0]} that tells`;
  return (
    `${kinds.length} models that answer as one, by the mean of their probabilities, each calibrated by itself: ` +
    `${kinds.map((kind) => `a ${kind}`).join(', ')}. They tell`
  );
}

function scoresTable(report: ScoreReport): string {
  const mark = protocolMark(report);
  const lines = [...report.perCorpus, report.pooled].map(({ name, clips, speakers, scores }) => [
    name,
    clips.toLocaleString('en'),
    String(speakers),
    ...report.metrics.map((metric) => scoreWithDagger(metric, scores[metric]!)),
    mark,
  ]);
  return withNote([['corpus', 'clips', 'speakers', ...titlesOf(report), 'protocol'], ...lines]);
}

/** A table, and what a † in it means. */
function withNote(rows: readonly (readonly string[])[]): string {
  const note = daggerNote(rows.flat());
  return [markdownTable(rows), ...(note === undefined ? [] : [note])].join('\n\n');
}

const titlesOf = (report: ScoreReport): string[] => report.metrics.map((name) => metrics[name].title);

/** Which of the tested models this one is. */
function splitText({ perSplit, metrics: names }: ScoreReport, { split }: ModelCard): string {
  if (!split) return ''; // a bundle whose card was written by hand
  const { name, number, of } = split as { name: string; number: number; of: number };
  if (of === 1) return `All test rows are those of this model's own split, ${name}.`;
  const own = perSplit.find((group) => group.name === name);
  const scores = names.map((metric) => `${metrics[metric].title} ${scoreText(metric, own!.scores[metric]!)}`);
  return (
    `These are scores of ${of} models, each of its own split of the clips. This is that of ${name} (${number} of ${of}); its own test ` +
    `rows alone: ${scores.join(', ')}.`
  );
}

function slicesText(slices: readonly Slices[] | undefined): string {
  if (!slices || slices.length === 0) return 'The record of the run has no scores by group.';
  const lines = slices.map(({ by, worst, gap, groups, overall }) => {
    const group = groups.find(({ name }) => name === worst);
    return group
      ? [
          by === 'ageBand' ? 'age' : by,
          group.name,
          group.clips.toLocaleString('en'),
          String(group.speakers),
          scoreWithDagger('uar', group.uar),
          scoreText('uar', overall.uar),
          percent(gap!),
        ]
      : [by, 'none is ranked', '', '', '', scoreText('uar', overall.uar), ''];
  });
  return [
    'The group with the lowest UAR of each division, among groups that are large enough. The worst of many groups is partly the ' +
      'unluckiest: read it with its interval.',
    withNote([
      ['by', 'worst group', 'clips', 'speakers', 'UAR', 'UAR of all', 'points below the best'],
      ...lines,
    ]),
  ].join('\n\n');
}

function calibrationText(calibration: RunRecord['calibration'], card: ModelCard): string {
  const { temperature, note } = (card.calibration ?? {}) as { temperature?: number; note?: string };
  const line = ({ ece, confidence, accuracy }: Calibration): string =>
    `${percent(confidence)} % sure, ${percent(accuracy)} % right, expected calibration error ${percent(ece)} points`;
  return bullets([
    ...(calibration
      ? [`as predicted: ${line(calibration.before)}`, `after temperature scaling: ${line(calibration.after)}`]
      : ['the record of the run says nothing of it']),
    temperature === undefined
      ? (note ?? 'it was not calibrated')
      : `the temperature of this model, from its own validation rows: ${temperature.toFixed(2)}`,
  ]);
}

const corporaOf = (card: ModelCard): [string, number][] => Object.entries(card.corpora ?? {});
const cardOf = (corpus: string): CorpusCard | undefined =>
  (corpusCards as Partial<Record<string, CorpusCard>>)[corpus];

function corporaTable(card: ModelCard): string {
  const lines = corporaOf(card).map(([corpus, clips]) => {
    const known = cardOf(corpus);
    const licence = known ? `[${known.licence.name}](${known.licence.url})` : 'of its owner';
    const voices = known?.voices ?? 'not said';
    return isDemoName(corpus)
      ? [corpus, clips.toLocaleString('en'), 'a synthesiser, no people', 'none: made by this project']
      : [corpus, clips.toLocaleString('en'), voices, licence];
  });
  return markdownTable([['corpus', 'clips', 'voices', 'licence'], ...lines]);
}

function notForOf(card: ModelCard): string[] {
  const corpora = corporaOf(card).map(([corpus]) => corpus);
  const noTrade = corpora.filter((corpus) => /NC|research/.test(cardOf(corpus)?.licence.name ?? ''));
  return [
    ...((card.notFor ?? []) as string[]),
    ...(noTrade.length > 0 ? [`trade: the licences of ${noTrade.join(', ')} do not allow it`] : []),
  ];
}

function madeText({ engine, environment, started }: ScoredRun, configs: readonly ExperimentConfig[]): string {
  const commands = configs.map((config) => {
    const changes = configDifferences(config).map(
      ({ option, value }) => `--set '${option}=${valueText(value)}'`,
    );
    return ['npm run train --', `--preset ${config.name}`, ...changes].join(' ');
  });
  const together = configs.map((_, i) => `RUN${i + 1}`).join(' ');
  if (configs.length > 1) commands.push(`npm run evaluate -- --ensemble ${together} --save`);
  const { commit, changed, node, platform } = environment;
  const at = commit ? ` at commit \`${commit.slice(0, 12)}\`${changed ? ', with changed files' : ''}` : '';
  return [
    fence('sh', commands.join('\n')),
    `${started.slice(0, 10)}${at}; ${engine ? `${engine.version}, ${engine.threads} threads; ` : ''}Node ${node}, ${platform}.`,
    ...configs.map((config) => fence('text', formatConfig(config))),
  ].join('\n\n');
}

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
