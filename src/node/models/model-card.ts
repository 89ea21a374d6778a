import {
  countOf,
  type Emotion,
  formatCount,
  formatPercent,
  isDemoName,
  markdownTable,
  markdownText,
} from '../../core/base';
import { configDifferences, type ExperimentConfig, formatConfig, valueText } from '../../core/config';
import { protocolCards } from '../../core/dataset';
import {
  type Calibration,
  conditionCells,
  daggerNote,
  metrics,
  paper,
  percentagePoints,
  protocolMark,
  type ScoreReport,
  scoreText,
  scoreWithDagger,
  type Slices,
} from '../../core/evaluation';
import { type ModelCard, trainingCorpora } from '../../core/prediction';
import { describeCorpus } from '../corpora';
import type { RunRecord } from '../runs';
import { unsuitableUses } from './create-model';

/** The record of a run with scores. */
export type ScoredRun = RunRecord & Required<Pick<RunRecord, 'report' | 'data'>>;

/**
 * Formats the model card in Markdown: scores with their protocol, performance by group, calibration, training data, intended use, and
 * the commands that reproduce the model. All values come from the run record and the model's own card.
 *
 * @see Mitchell et al. (2019), Model Cards for Model Reporting
 */
export function formatModelCard(
  name: string,
  record: ScoredRun,
  { classes, card, configs }: PublishedModel,
): string {
  const { report, calibration, slices, data } = record;
  return [
    `# ${name}`,
    `${descriptionText(configs, classes)} Written by \`npm run models -- publish\` from the run record.`,
    fence('sh', `npm run predict -- recording.wav --model data/models/${name}`),
    '## Scores',
    `Protocol: **${protocolMark(report)}**: ${protocolCards[report.protocol].description} The scores measure performance on ` +
      `${report.protocolLabel}. Brackets: ${100 * report.level} % intervals from resampling speakers.`,
    scoresTable(report),
    splitText(report, card),
    '## Performance by group',
    slicesText(slices),
    '## Calibration',
    calibrationText(calibration, card),
    conditionsSection(card),
    '## Training data',
    `${formatCount(data.clips)} clips, including validation and test clips; fingerprint \`${data.fingerprint.slice(0, 16)}\`. The ` +
      'model contains no recordings.',
    corporaTable(card),
    heldOutText(card),
    '## Intended use',
    'Trying the workbench, teaching, and comparison with other models under the same protocol.',
    '## Out-of-scope use',
    bullets(outOfScope(card)),
    '## How it was trained',
    trainingText(record, configs),
    '## Citation',
    bullets(citations(card)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/** What the files of a model contain about it. */
export interface PublishedModel {
  classes: readonly Emotion[];
  card: ModelCard;
  /** of the model, or of each member of an ensemble */
  configs: readonly ExperimentConfig[];
}

/** What a model is and does, in one or two sentences. */
export function descriptionText(configs: readonly ExperimentConfig[], classes: readonly Emotion[]): string {
  const models = configs.map(({ name, model, seed }) => {
    const which = configs.length > 1 ? `, seed ${seed}` : '';
    return `a \`${model.kind}\` model (preset \`${name}\`${which})`;
  });
  const task = `classifies recordings of acted speech as ${classes.slice(0, -1).join(', ')} or ${classes.at(-1)}`;
  if (models.length === 1) return `${models[0].replace('a ', 'A ')} that ${task}.`;
  return (
    `An ensemble of ${models.length} models that ${task}. Its prediction is the mean of their calibrated probabilities. ` +
    `Members: ${models.join(', ')}.`
  );
}

function scoresTable(report: ScoreReport): string {
  const mark = protocolMark(report);
  const lines = [...report.perCorpus, report.pooled].map(({ name, clips, speakers, scores }) => [
    name,
    formatCount(clips),
    String(speakers),
    ...report.metrics.map((metric) => scoreWithDagger(metric, scores[metric]!)),
    mark,
  ]);
  return withNote([['corpus', 'clips', 'speakers', ...titlesOf(report), 'protocol'], ...lines]);
}

/** A table, followed by an explanation of † if it occurs. */
function withNote(rows: readonly (readonly string[])[]): string {
  const note = daggerNote(rows.flat());
  return [markdownTable(rows), ...(note === undefined ? [] : [note])].join('\n\n');
}

const titlesOf = (report: ScoreReport): string[] => report.metrics.map((name) => metrics[name].title);

/** Which of the models of a run this one is. */
function splitText({ perSplit, metrics: names }: ScoreReport, { split }: ModelCard): string {
  if (!split) return ''; // a card written by hand
  const { name, number, of } = split as { name: string; number: number; of: number };
  if (of === 1) return `All test rows belong to the split of this model, ${name}.`;
  const own = perSplit.find((group) => group.name === name);
  const scores = names.map((metric) => `${metrics[metric].title} ${scoreText(metric, own!.scores[metric]!)}`);
  return (
    `The table pools the test rows of ${of} models, one per split. This is the model of ${name} (${number} of ${of}); scores on its own ` +
    `test rows: ${scores.join(', ')}.`
  );
}

function slicesText(slices: readonly Slices[] | undefined): string {
  if (!slices || slices.length === 0) return 'The run record has no scores by group.';
  const lines = slices.map(({ by, worst, gap, groups, overall }) => {
    const group = groups.find(({ name }) => name === worst);
    return group
      ? [
          by === 'ageBand' ? 'age' : by,
          group.name,
          formatCount(group.clips),
          String(group.speakers),
          scoreWithDagger('uar', group.uar),
          scoreText('uar', overall.uar),
          (100 * gap!).toFixed(1),
        ]
      : [by, 'no group is large enough', '', '', '', scoreText('uar', overall.uar), ''];
  });
  return [
    'The group with the lowest UAR in each category, among groups that are large enough. The lowest of many groups is low partly by ' +
      'chance: read it with its interval.',
    withNote([
      ['by', 'lowest group', 'clips', 'speakers', 'UAR', 'UAR of all', 'points below the best'],
      ...lines,
    ]),
  ].join('\n\n');
}

const conditionsTitle = '## Recording conditions';

/** The section of a model card with the scores under recording conditions; empty if they were not measured. */
function conditionsSection({ conditions }: ModelCard): string {
  if (!conditions) return '';
  const { split, rows, skipped } = conditions;
  return [
    conditionsTitle,
    `The ${formatCount(rows[0].clips)} test clips of ${split} under each condition. The change is the difference in accuracy, ` +
      'paired by clip. ECE is the expected calibration error.',
    markdownTable(conditionCells(conditions)),
    ...skipped.map(({ condition, reason }) => `Not measured: ${condition} (${reason}).`),
  ].join('\n\n');
}

/** A model card in Markdown with the section on recording conditions added or replaced. */
export function withConditions(text: string, card: ModelCard): string {
  const others = text.split(/(?=^## )/m).filter((section) => !section.startsWith(conditionsTitle));
  const next = others.findIndex((section) => section.startsWith('## Training data'));
  const place = next < 0 ? others.length : next;
  return [...others.slice(0, place), `${conditionsSection(card)}\n\n`, ...others.slice(place)].join('');
}

function calibrationText(calibration: RunRecord['calibration'], card: ModelCard): string {
  const { temperature, note } = (card.calibration ?? {}) as { temperature?: number; note?: string };
  const line = ({ ece, confidence, accuracy }: Calibration): string =>
    `mean confidence ${formatPercent(confidence)}, accuracy ${formatPercent(accuracy)}, expected calibration error ${percentagePoints(ece)} points`;
  return bullets([
    ...(calibration
      ? [
          `before temperature scaling: ${line(calibration.before)}`,
          `after temperature scaling: ${line(calibration.after)}`,
        ]
      : ['the run record has no calibration']),
    temperature === undefined
      ? (note ?? 'this model was not calibrated')
      : `temperature of this model, fitted on its own validation rows: ${temperature.toFixed(2)}`,
  ]);
}

const corporaOf = (card: ModelCard): [string, number][] =>
  trainingCorpora(card).map(({ name, clips }) => [name, clips]);

/** The paper and the corpora. */
export const citations = (card: ModelCard): string[] => [
  `the paper that this project reproduces: ${paper.source.where}`,
  ...corporaOf(card).flatMap(([corpus]) => describeCorpus(corpus)?.citation ?? []),
];

/** Only under protocols that test on other corpora than those trained on. */
export const heldOutText = ({ heldOut = [] }: ModelCard): string =>
  heldOut.length > 0 ? `Only tested on, not trained on: ${heldOut.join(', ')}.` : '';

/** The training corpora with their licences. */
export function corporaTable(card: ModelCard): string {
  const lines = corporaOf(card).map(([corpus, clips]) => {
    const known = describeCorpus(corpus);
    const licence = known ? `[${known.licence.name}](${known.licence.url})` : 'set by its owner';
    const voices = known?.voices ?? 'unknown';
    return isDemoName(corpus)
      ? [markdownText(corpus), formatCount(clips), 'synthetic', 'generated by this project']
      : [markdownText(corpus), formatCount(clips), voices, licence];
  });
  return markdownTable([['corpus', 'clips', 'voices', 'licence'], ...lines]);
}

/** Uses that the model is not suitable for. */
export function outOfScope(card: ModelCard): string[] {
  const corpora = corporaOf(card).map(([corpus]) => corpus);
  const nonCommercial = corpora.filter((corpus) =>
    /NC|research/.test(describeCorpus(corpus)?.licence.name ?? ''),
  );
  const commercial = `commercial use: the licences of ${nonCommercial.join(', ')} do not allow it`;
  return [...unsuitableUses, ...(nonCommercial.length > 0 ? [commercial] : [])];
}

function trainingText(
  { engine, environment, started }: ScoredRun,
  configs: readonly ExperimentConfig[],
): string {
  const commands = configs.map((config) => {
    const changes = configDifferences(config).map(
      ({ option, value }) => `--set '${option}=${valueText(value)}'`,
    );
    return ['npm run train --', `--preset ${config.name}`, ...changes].join(' ');
  });
  const runs = configs.map((_, i) => `RUN${i + 1}`).join(' ');
  if (configs.length > 1) commands.push(`npm run evaluate -- --ensemble ${runs} --save`);
  const { commit, changed, node, platform } = environment;
  const at = commit
    ? ` at commit \`${commit.slice(0, 12)}\`${changed ? ' with uncommitted changes' : ''}`
    : '';
  return [
    fence('sh', commands.join('\n')),
    `${started.slice(0, 10)}${at}; ${engine ? `${engine.version}, ${countOf(engine.threads, 'thread')}; ` : ''}Node ${node}, ${platform}. ` +
      'On another processor, with another version of TensorFlow or number of threads, rounding differs and training amplifies it: expect ' +
      'scores that differ by up to about one point on all corpora, and by more on a small one.',
    ...configs.map((config) => fence('text', formatConfig(config))),
  ].join('\n\n');
}

export const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
