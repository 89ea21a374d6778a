import { emotions, formatCount, InvalidArgumentError, markdownTable } from '../../core/base';
import {
  shortPercent,
  type ClassificationReport,
  committedNotebook,
  type ConfusionMatrix,
  type MetricName,
  mostConfusedPairs,
  paper,
  protocolMark,
  type Published,
  reportFromMatrix,
  type ScoreReport,
  scoreText,
  underProtocol,
} from '../../core/evaluation';
import type { EpochRecord } from '../../core/network';
import type { Evaluation } from '../experiment';
import { type PaperFigures, paperFigures, recordSource, type RunRecord } from '../runs';

/** The results of one run that a claim ledger shows. */
export interface LedgerRun extends Pick<PaperFigures, 'clips' | 'first' | 'siblingShare'> {
  /** recordings and preset */
  source: string;
  report: ScoreReport;
  /** Fig. 9 */
  matrix: ConfusionMatrix;
  /** Table III */
  classification: ClassificationReport;
  /** Fig. 10, for networks: means over the splits */
  training?: { epochs: number; secondsPerEpoch: number; bestEpochAccuracy?: number };
}

/** A row of the ledger, with one column per source. Column names contain the protocol. */
export interface LedgerRow {
  place: string;
  figure: string;
  [source: string]: string;
}

/** The numbers in the paper, compared with its committed notebook and with this project. */
export interface ClaimLedger {
  rows: LedgerRow[];
  /** description of each source column */
  sources: string[];
}

/** One number: its place in the paper, and how to get it from published results and from a run. */
interface LedgerFigure {
  place: string;
  figure: string;
  published?: (from: Published) => string | undefined;
  here: (run: LedgerRun) => string | undefined;
}

/**
 * Prepares an evaluation for {@link claimLedger}.
 *
 * @param evaluation - the result of `evaluateExperiment`
 *
 * @throws {@link InvalidArgumentError} if no fold was finished
 */
export function ledgerRun({ runs, config, scores, predictions, audits }: Evaluation): LedgerRun {
  if (!scores || !predictions) {
    throw new InvalidArgumentError('evaluation', 'an evaluation with at least one finished fold', 'none');
  }
  const [{ set, data }] = runs;
  return ledgerRunOf(
    `${recordSource({ data, config })}, preset ${config.name}`,
    scores.report,
    paperFigures(predictions, set.clips, audits),
    runs.flatMap(({ folds }) => folds),
  );
}

/**
 * Prepares a run record for {@link claimLedger}.
 *
 * @throws {@link InvalidArgumentError} if the record has no scores
 */
export function recordedLedgerRun(record: RunRecord): LedgerRun {
  const { data, config, report, figures, splits, status, members } = record;
  if (!data || !report || !figures) {
    throw new InvalidArgumentError('record', 'a run record with scores', status);
  }
  const presets = new Set((members ?? [config]).map(({ name }) => name));
  const what = members ? `ensemble of ${members.length} models, presets ` : 'preset ';
  const source = `${recordSource({ data, config })}, ${what}${[...presets].join(' and ')}`;
  return ledgerRunOf(source, report, figures, splits);
}

function ledgerRunOf(
  source: string,
  report: ScoreReport,
  { classes, confusion, ...figures }: PaperFigures,
  splits: readonly { history: readonly EpochRecord[]; bestEpoch: number }[],
): LedgerRun {
  const { protocol, protocolLabel, isLeaky } = report;
  const matrix = { protocol, protocolLabel, isLeaky, classes, counts: Int32Array.from(confusion) };
  const trained = splits.filter(({ history }) => history.length > 0);
  const epochs = trained.flatMap(({ history }) => history);
  const best = trained.flatMap(({ history, bestEpoch }) => history[bestEpoch - 1].valAccuracy ?? []);
  return {
    ...figures,
    source,
    report,
    matrix,
    classification: reportFromMatrix(matrix),
    ...(trained.length > 0 && {
      training: {
        epochs: epochs.length / trained.length,
        secondsPerEpoch: mean(epochs.map(({ seconds }) => seconds)),
        ...(best.length > 0 && { bestEpochAccuracy: mean(best) }),
      },
    }),
  };
}

/**
 * Compares each number in the paper with the notebook that its authors committed and with runs of this project.
 *
 * @param runs - one column each, for example under `paper-rows` and `speakers`
 * @throws {@link InvalidArgumentError} if two runs have the same protocol
 * @example
 * ```ts
 * console.log(formatLedger(claimLedger(evaluations.map(ledgerRun))));
 * ```
 */
export function claimLedger(runs: readonly LedgerRun[]): ClaimLedger {
  const marks = runs.map(({ report }) => protocolMark(report));
  if (new Set(marks).size < marks.length) {
    throw new InvalidArgumentError('runs', 'one run per protocol', marks);
  }
  const published = [paper, committedNotebook];
  const publishedMark = protocolMark(underProtocol('paper-rows'));
  const headings = [
    ...published.map(({ source }) => `${source.name} (${publishedMark})`),
    ...marks.map((mark) => `here (${mark})`),
  ];
  const rows = ledgerFigures.map(({ place, figure, published: ofOthers, here }): LedgerRow => {
    const cells = [...published.map((from) => ofOthers?.(from)), ...runs.map(here)];
    return { place, figure, ...Object.fromEntries(cells.map((text, i) => [headings[i], text ?? '–'])) };
  });
  const about = [
    ...published.map(({ source }) => source.where),
    ...runs.map(({ source, report }) => `${source}; a score measures ${report.protocolLabel}`),
  ];
  return { rows, sources: headings.map((heading, i) => `${heading}: ${about[i]}`) };
}

/** Formats a ledger as Markdown: a table and a list of its sources. */
export function formatLedger({ rows, sources }: ClaimLedger): string {
  const columns = Object.keys(rows[0]);
  return [
    markdownTable([columns, ...rows.map((row) => columns.map((column) => row[column]))]),
    '',
    ...sources.map((source) => `- ${source}`),
    '',
  ].join('\n');
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const total = (clips: LedgerRun['clips']): string =>
  formatCount(Object.values(clips).reduce<number>((sum, value) => sum + (value ?? 0), 0));
const ifGiven = (value: number | undefined, text: (value: number) => string): string | undefined =>
  value === undefined ? undefined : text(value);
const scoreOf = ({ report }: LedgerRun, metric: MetricName): string =>
  scoreText(metric, report.pooled.scores[metric]!);

const ledgerFigures: readonly LedgerFigure[] = [
  ...emotions.map((emotion): LedgerFigure => ({
    place: 'Table I',
    figure: `clips, ${emotion}`,
    published: ({ clips }) => clips && formatCount(clips[emotion]),
    here: ({ clips }) => formatCount(clips[emotion] ?? 0),
  })),
  {
    place: 'Table I',
    figure: 'clips, all',
    published: ({ clips }) => clips && total(clips),
    here: ({ clips }) => total(clips),
  },
  {
    place: 'Table II',
    figure: 'first test rows (shuffled) that are correct',
    here: ({ first }) => `${first.right} of ${first.of}`,
  },
  ...emotions.map((emotion): LedgerFigure => ({
    place: 'Table III',
    figure: `F1, ${emotion}`,
    published: ({ f1 }) => f1[emotion].toFixed(2),
    here: ({ classification }) =>
      classification.classes.find((one) => one.emotion === emotion)?.f1.toFixed(2),
  })),
  {
    place: 'Table III',
    figure: 'test rows',
    published: ({ testRows }) => ifGiven(testRows, formatCount),
    here: ({ report }) => formatCount(report.pooled.rows),
  },
  {
    place: 'abstract, Table III',
    figure: 'accuracy: “96 %”',
    published: ({ accuracy }) => shortPercent(accuracy),
    here: (run) => scoreOf(run, 'accuracy'),
  },
  { place: 'not given', figure: 'UAR', here: (run) => scoreOf(run, 'uar') },
  {
    place: 'Fig. 9',
    figure: 'most confused',
    here: ({ matrix }) =>
      mostConfusedPairs(matrix, { count: 1 })
        .map(({ actual, predicted, share }) => `${actual} predicted as ${predicted}, ${shortPercent(share)}`)
        .join(),
  },
  {
    place: 'Fig. 10',
    figure: 'accuracy in the best epoch (paper: test rows, here: validation rows)',
    published: ({ bestEpochAccuracy }) => ifGiven(bestEpochAccuracy, shortPercent),
    here: ({ training }) => ifGiven(training?.bestEpochAccuracy, shortPercent),
  },
  {
    place: 'Fig. 10',
    figure: 'epochs',
    published: ({ epochs }) => ifGiven(epochs, formatCount),
    here: ({ training }) => ifGiven(training?.epochs, formatCount),
  },
  {
    place: 'log',
    figure: 'seconds per epoch',
    published: ({ secondsPerEpoch }) => ifGiven(secondsPerEpoch, formatCount),
    here: ({ training }) =>
      ifGiven(training?.secondsPerEpoch, (value) => String(Number(value.toPrecision(2)))),
  },
  {
    place: 'not given',
    figure: 'test rows with a sibling in training or validation',
    here: (run) => shortPercent(run.siblingShare),
  },
];
