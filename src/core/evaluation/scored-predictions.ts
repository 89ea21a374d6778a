import { formatCount, formatPercent, textTable } from '../base';
import type { TrainingOverlap } from '../dataset';
import { abstention, type Calibration, calibration } from './calibration';
import {
  type ClassificationReport,
  classificationReport,
  type ConfusionMatrix,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
} from './confusion';
import { metrics } from './metrics';
import { checkPredictions, type Predictions, protocolMark, selectRows } from './predictions';
import {
  formatScoreReport,
  type GroupScores,
  percentagePoints,
  scoreReport,
  type ScoreReport,
  scoreText,
} from './score-report';
import { defaultSlices, formatSlices, type SliceName, type Slices, sliceScores } from './slices';
import { formatVoteScores, voteScores, type VoteScores } from './vote-scores';

/** All scores of predictions that were made without training here: by a saved model, or by another program. */
export interface PredictionScores {
  report: ScoreReport;
  /** scores of the rows that the model was not trained on; absent if its training data is unknown or shares nothing */
  withoutTraining?: RemainingScores[];
  classification: ClassificationReport;
  matrix: ConfusionMatrix;
  /** absent, like `abstention`, if there are no probabilities */
  calibration?: Calibration;
  abstention?: AbstentionScores;
  slices: Slices[];
  /** against the votes of listeners; absent without votes or probabilities */
  votes?: VoteScores;
}

/** Scores of the rows that remain when others are left out. */
export interface RemainingScores {
  name: string;
  rows: number;
  /** absent if no rows remain */
  scores?: GroupScores;
  mark: string;
}

/** Accuracy of the answers if the model abstains from uncertain ones. */
export interface AbstentionScores {
  /** area under the risk–coverage curve */
  aurc: number;
  points: { name: string; threshold: number; coverage: number; accuracy: number }[];
}

/** Options of {@link scorePredictions}. */
export interface ScorePredictionsOptions {
  /** groups of rows that are scored separately; default those that the clips state */
  slices?: readonly SliceName[];
  /** what the model was trained on; without it, the scores may be leaky */
  overlap?: TrainingOverlap;
  /** the model's own minimum confidence */
  threshold?: number;
}

/**
 * Computes the full report of predictions that were made without training here. If some rows were trained on, the scores are marked
 * LEAKY, and those of the other rows are added.
 *
 * @throws {@link InvalidArgumentError} if the predictions are invalid
 * @example
 * ```ts
 * const { predictions, overlap } = await ser.readPredictions('predictions.csv');
 * console.log(ser.evaluation.formatPredictionScores(ser.evaluation.scorePredictions(predictions, { overlap })));
 * ```
 */
export function scorePredictions(
  given: Predictions,
  { slices, overlap, threshold = 0 }: ScorePredictionsOptions = {},
): PredictionScores {
  checkPredictions(given);
  const predictions = overlap ? { ...given, isLeaky: overlap.audit.isLeaky } : given;
  const votes = predictions.isHard ? undefined : voteScores(predictions);
  const report = scoreReport(predictions);
  return {
    report,
    ...(overlap && hasOverlap(overlap) && { withoutTraining: remaining(predictions, report, overlap) }),
    classification: classificationReport(predictions),
    matrix: confusionMatrix(predictions),
    ...(!predictions.isHard && {
      calibration: calibration(predictions),
      abstention: abstentionScores(predictions, threshold),
    }),
    slices: (slices ?? defaultSlices(predictions.clips)).map((by) => sliceScores(predictions, { by })),
    ...(votes && { votes }),
  };
}

const hasOverlap = ({ audit: { findings } }: TrainingOverlap): boolean =>
  findings.clips.count + findings.nearDuplicates.count + findings.speakers.count > 0;

function remaining(
  predictions: Predictions,
  report: ScoreReport,
  { withoutClips, withoutSpeakers, audit }: TrainingOverlap,
): RemainingScores[] {
  const part = (name: string, rows: readonly number[]): RemainingScores => {
    const own = { ...selectRows(predictions, rows), isLeaky: false };
    return {
      name,
      rows: rows.length,
      ...(rows.length > 0 && { scores: scoreReport(own).pooled }),
      mark: protocolMark(own),
    };
  };
  return [
    {
      name: 'all clips',
      rows: report.pooled.rows,
      scores: report.pooled,
      mark: protocolMark(report),
    },
    ...(audit.isLeaky ? [part('without clips trained on', withoutClips)] : []),
    ...(withoutSpeakers && audit.findings.speakers.count > 0
      ? [part('without speakers trained on', withoutSpeakers)]
      : []),
  ];
}

/** Shares of answered rows in the report. */
const coverages = [0.9, 0.75, 0.5, 0.25];

function abstentionScores(predictions: Predictions, threshold: number): AbstentionScores {
  const curve = abstention(predictions);
  const pointAt = (name: string, isWithin: (at: number) => boolean) => {
    let last = -1;
    while (last + 1 < curve.coverage.length && isWithin(last + 1)) last++;
    if (last < 0) return [];
    const [confidence, coverage, accuracy] = [curve.threshold, curve.coverage, curve.accuracy].map(
      (values) => values[last],
    );
    return [{ name, threshold: confidence, coverage, accuracy }];
  };
  return {
    aurc: curve.aurc,
    points: [
      ...pointAt('all rows', () => true),
      ...coverages.flatMap((share) =>
        pointAt(`at most ${formatPercent(share, 0)} of the rows`, (at) => curve.coverage[at] <= share),
      ),
      ...(threshold > 0
        ? pointAt(`threshold of the model, ${threshold.toFixed(3)}`, (at) => curve.threshold[at] >= threshold)
        : []),
    ],
  };
}

/** The scores as text; each part has its protocol. */
export function formatPredictionScores({
  report,
  withoutTraining,
  classification,
  matrix,
  calibration: calibrated,
  abstention: answered,
  slices,
  votes,
}: PredictionScores): string {
  const mark = protocolMark(report);
  return [
    formatScoreReport(report),
    ...(withoutTraining ? [formatRemaining(withoutTraining)] : []),
    formatClassificationReport(classification),
    formatConfusionMatrix(matrix),
    calibrated
      ? `ECE ${percentagePoints(calibrated.ece)} points: confidence ${formatPercent(calibrated.confidence)}, ` +
        `accuracy ${formatPercent(calibrated.accuracy)} (${mark})\n`
      : 'Without probabilities there is no calibration and no abstention.\n',
    ...(answered ? [formatAbstention(answered, mark)] : []),
    ...slices.map(formatSlices),
    ...(votes ? [formatVoteScores(votes)] : []),
  ].join('\n');
}

function formatRemaining(parts: readonly RemainingScores[]): string {
  const names = ['accuracy', 'uar', 'macroF1'] as const;
  const lines = parts.map(({ name, rows, scores, mark }) => [
    name,
    ...[rows, scores?.clips ?? 0, scores?.speakers ?? 0].map(formatCount),
    ...names.map((metric) => (scores ? scoreText(metric, scores.scores[metric]!) : 'none')),
    mark,
  ]);
  const titles = names.map((metric) => metrics[metric].title);
  return `${textTable([['', 'rows', 'clips', 'speakers', ...titles, 'protocol'], ...lines], [0, -1])}\n`;
}

function formatAbstention({ aurc, points }: AbstentionScores, mark: string): string {
  const lines = points.map(({ name, threshold, coverage, accuracy }) => [
    name,
    threshold.toFixed(3),
    ...[coverage, accuracy].map((share) => formatPercent(share)),
    mark,
  ]);
  const heading = ['most confident answers', 'confidence from', 'answered', 'accuracy', 'protocol'];
  return `${textTable([heading, ...lines], [0, -1])}\nArea under the risk–coverage curve: ${aurc.toFixed(3)} (${mark})\n`;
}
