import {
  type Clip,
  createRandom,
  type Emotion,
  formatCount,
  formatPercent,
  InvalidArgumentError,
  textTable,
} from '../base';
import type { Audit } from '../dataset';
import { type Calibration, calibration, formatCalibration } from './calibration';
import {
  type ClassificationReport,
  classificationReport,
  type ConfusionMatrix,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
} from './confusion';
import { type MetricName, metrics } from './metrics';
import {
  checkPredictions,
  predictedClasses,
  type Predictions,
  protocolMark,
  protocolText,
} from './predictions';
import {
  caveatLines,
  daggerNote,
  formatScoreReport,
  type GroupScores,
  scoreReport,
  type ScoreReport,
  scoreText,
  scoreWithDagger,
} from './score-report';
import { formatSlices, type SliceName, type Slices, sliceScores } from './slices';
import { calibrateBySplit, type SplitTemperature } from './temperature';
import { formatVoteScores, voteScores, type VoteScores } from './vote-scores';

/** All scores of the predictions of an experiment. */
export interface EvaluationScores {
  report: ScoreReport;
  /** the paper's Table III */
  classification: ClassificationReport;
  /** the paper's Fig. 9 */
  matrix: ConfusionMatrix;
  /** of the raw probabilities, and after temperature scaling fitted to validation rows */
  calibration: { before: Calibration; after: Calibration; temperatures: SplitTemperature[] };
  slices: Slices[];
  /** against the votes of listeners; absent without votes */
  votes?: VoteScores;
}

/**
 * Computes all scores of a report.
 *
 * @param validation - predictions of the same models for their validation rows, to fit temperatures to
 */
export function evaluationScores(
  predictions: Predictions,
  validation: Predictions | undefined,
  {
    slices = [],
    known = {},
  }: {
    /** properties to group rows by; default none */
    slices?: readonly SliceName[];
    /** scores of the same predictions that are already computed */
    known?: Partial<EvaluationScores>;
  } = {},
): EvaluationScores {
  const votes = known.votes ?? voteScores(predictions);
  return {
    report: known.report ?? scoreReport(predictions),
    classification: known.classification ?? classificationReport(predictions),
    matrix: known.matrix ?? confusionMatrix(predictions),
    calibration: known.calibration ?? calibrations(predictions, validation),
    slices: slices.map(
      (by) => known.slices?.find((scored) => scored.by === by) ?? sliceScores(predictions, { by }),
    ),
    ...(votes && { votes }),
  };
}

function calibrations(
  predictions: Predictions,
  validation: Predictions | undefined,
): EvaluationScores['calibration'] {
  const { predictions: calibrated, temperatures } = calibrateBySplit(predictions, validation);
  return { before: calibration(predictions), after: calibration(calibrated), temperatures };
}

/** The scores as text; each part has its protocol. */
export function formatEvaluationScores({
  report,
  classification,
  matrix,
  calibration: { before, after, temperatures },
  slices,
  votes,
}: EvaluationScores): string {
  return [
    formatScoreReport(report),
    formatClassificationReport(classification),
    formatConfusionMatrix(matrix),
    formatCalibration(before, after, temperatures),
    ...slices.map(formatSlices),
    ...(votes ? [formatVoteScores(votes)] : []),
  ].join('\n');
}

/** A model's scores under one protocol. */
export interface ProtocolStep {
  report: ScoreReport;
  /** see {@link siblingShare}; 0 to 1 */
  siblingShare?: number;
  /** finished folds of all folds, if the evaluation was interrupted */
  folds?: { done: number; of: number };
}

/** One line of a {@link protocolTable}. */
export interface ProtocolRow {
  protocol: string;
  /** `pooled`, or the name of a corpus */
  corpus: string;
  rows: number;
  speakers: number;
  /** score with its interval, by title of the metric */
  [metric: string]: string | number | undefined;
}

/**
 * Compares one model under several protocols: pooled scores and scores per corpus under each protocol, and the share of test rows
 * with a sibling in training or validation.
 *
 * @param options - `metrics`: default accuracy and UAR; `withDaggers`: marks intervals of few speakers with †, to be explained by
 *   `daggerNote`; default false
 * @param steps - from the loosest protocol to the strictest
 * @returns for each step the pooled row, then one row per corpus
 */
export function protocolTable(
  steps: readonly ProtocolStep[],
  {
    metrics: names = ['accuracy', 'uar'],
    withDaggers = false,
  }: { metrics?: readonly MetricName[]; withDaggers?: boolean } = {},
): ProtocolRow[] {
  const textOf = withDaggers ? scoreWithDagger : scoreText;
  return steps.flatMap(({ report, siblingShare: share, folds }) => {
    const line = ({ name, rows, speakers, scores }: GroupScores): ProtocolRow => ({
      protocol: protocolMark(report),
      corpus: name,
      rows,
      speakers,
      ...Object.fromEntries(names.map((metric) => [metrics[metric].title, textOf(metric, scores[metric]!)])),
    });
    const [pooled, ...corpora] = [report.pooled, ...report.perCorpus].map(line);
    const siblings = share === undefined ? 'unknown' : formatPercent(share);
    const part = folds && folds.done < folds.of ? { folds: `${folds.done} of ${folds.of} only` } : {};
    return [{ ...pooled, 'siblings in training or validation': siblings, ...part }, ...corpora];
  });
}

/** The table as text, with what a score under each protocol measures. */
export function formatProtocols(steps: readonly ProtocolStep[]): string {
  const rows = protocolTable(steps, { withDaggers: true });
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== 'protocol');
  const cell = (value: string | number | undefined): string =>
    typeof value === 'number' ? formatCount(value) : (value ?? '');
  const lines = rows.map((row) => [...columns.map((name) => cell(row[name])), row.protocol]);
  const spaced = lines.flatMap((line, i) => (i > 0 && rows[i].corpus === 'pooled' ? [[], line] : [line]));
  const note = daggerNote(lines.flat());
  return [
    ...steps.map(({ report }) => `Protocol: ${protocolText(report)}`),
    '',
    textTable([[...columns, 'protocol'], ...spaced], [0, -1]),
    ...(note === undefined ? [] : [note]),
    ...caveatsByProtocol(steps),
    '',
  ].join('\n');
}

/** What was left out and warnings; each line once, with its protocols unless it applies to all. */
function caveatsByProtocol(steps: readonly ProtocolStep[]): string[] {
  const protocolsOf = new Map<string, string[]>();
  for (const { report } of steps) {
    for (const line of caveatLines(report))
      protocolsOf.set(line, [...(protocolsOf.get(line) ?? []), report.protocol]);
  }
  return [...protocolsOf].map(([line, protocols]) =>
    protocols.length === steps.length ? line : `${line} (${protocols.join(', ')})`,
  );
}

/**
 * Share of test rows with a sibling (a version of the same clip) in training or validation, over all splits of a protocol; 0 to
 * 1.
 */
export function siblingShare(audits: readonly Audit[]): number {
  const findings = audits.map(({ findings: { siblings } }) => siblings);
  const sum = (key: 'count' | 'of'): number => findings.reduce((total, finding) => total + finding[key], 0);
  return sum('count') / sum('of');
}

/** Actual and predicted emotion of a test row. */
export interface PredictionRow {
  /** file name */
  clip: string;
  actual: Emotion;
  predicted: Emotion;
  right: boolean;
  /** of the predicted emotion, 0 to 1 */
  probability: number;
  protocol: string;
}

/**
 * The first test rows with actual and predicted emotion: the paper's Table II.
 *
 * @param options - `count`: maximum number of rows, default 10; `seed`: shuffles the rows first, like the paper, so that they are
 *   not all of the first speaker, default no shuffling
 * @throws {@link InvalidArgumentError} if `count` is not a positive integer
 */
export function predictionTable(
  predictions: Predictions,
  { count = 10, seed }: { count?: number; seed?: number } = {},
): PredictionRow[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, clips, actual, probabilities } = predictions;
  const predicted = predictedClasses(predictions);
  const rows = [...clips.keys()];
  const ordered = seed === undefined ? rows : createRandom(seed).shuffle(rows);
  return ordered.slice(0, count).map((row) => ({
    clip: clips[row].path.slice(clips[row].path.lastIndexOf('/') + 1),
    actual: classes[actual[row]],
    predicted: classes[predicted[row]],
    right: actual[row] === predicted[row],
    probability: probabilities[row * classes.length + predicted[row]],
    protocol: protocolMark(predictions),
  }));
}

/** A wrongly predicted row. */
export interface Mistake {
  row: number;
  clip: Clip;
  actual: Emotion;
  predicted: Emotion;
  /** probability of the predicted emotion */
  confidence: number;
  /** probability of the actual emotion */
  actualProbability: number;
  /** fold that tested the row */
  split: string;
}

/**
 * The wrong predictions with the highest confidence. Listen to them: many have doubtful labels or recordings. Only
 * the most confident row of each clip is listed.
 *
 * @param count - maximum number; default 10
 * @returns in descending order of confidence
 * @throws {@link InvalidArgumentError} if the predictions are invalid, or `count` is not a positive integer
 */
export function mostConfidentMistakes(
  predictions: Predictions,
  { count = 10 }: { count?: number } = {},
): Mistake[] {
  checkPredictions(predictions);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('count', 'a positive integer', count);
  }
  const { classes, clips, actual, probabilities, splitOf, splits } = predictions;
  const mistakes: Mistake[] = [];
  predictedClasses(predictions).forEach((k, row) => {
    if (k === actual[row]) return;
    mistakes.push({
      row,
      clip: clips[row],
      actual: classes[actual[row]],
      predicted: classes[k],
      confidence: probabilities[row * classes.length + k],
      actualProbability: probabilities[row * classes.length + actual[row]],
      split: splits[splitOf[row]],
    });
  });
  mistakes.sort((a, b) => b.confidence - a.confidence || a.row - b.row);
  const seen = new Set<string>();
  return mistakes.filter(({ clip: { path } }) => !seen.has(path) && seen.add(path)).slice(0, count);
}
