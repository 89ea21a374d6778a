import { formatCount, formatPercent, textTable } from '../base';
import { abstention, calibration } from './calibration';
import { compareRuns } from './compare-runs';
import { type Interval, type Score, scoreRows } from './intervals';
import { type Predictions, protocolOf, protocolText, type UnderProtocol } from './predictions';
import { limitsText, percentagePoints, scoreText } from './score-report';

/** Scores of a model on test recordings that were changed in one way. */
export interface ConditionScores {
  /** such as `noise, SNR 20 dB`; the first is `as recorded` */
  condition: string;
  clips: number;
  accuracy: Score;
  uar: Score;
  /** accuracy minus that of the first condition, paired by clip; absent for the first */
  change?: { value: number; interval: Interval };
  /** expected calibration error, 15 bins of equal width */
  ece: number;
  /** share of clips with a confidence below the threshold of the model */
  abstained: number;
  /** accuracy on the others; null if there are none */
  answered: number | null;
}

/** Scores of a model under several recording conditions. */
export interface ConditionsReport extends UnderProtocol {
  /** name of the test set, such as `fold 5` */
  split: string;
  threshold: number;
  rows: ConditionScores[];
  /** conditions that could not be measured, with the reason */
  skipped: { condition: string; reason: string }[];
}

/** Predictions for the same clips under one condition. */
export interface ConditionPredictions {
  condition: string;
  predictions: Predictions;
}

/**
 * Scores predictions for the same clips under several conditions.
 *
 * @param conditions - the first is the reference; all with the same clips in the same order
 * @param threshold - confidence below which the model abstains
 * @throws InvalidArgumentError if the predictions are invalid, or not for the same clips
 */
export function conditionsReport(
  conditions: readonly ConditionPredictions[],
  { threshold, skipped = [] }: { threshold: number; skipped?: ConditionsReport['skipped'] },
): ConditionsReport {
  const [{ predictions: reference }] = conditions;
  return {
    ...protocolOf(reference),
    split: reference.splits.join(', '),
    threshold,
    rows: conditions.map(({ condition, predictions }, i): ConditionScores => {
      const { accuracy, uar } = scoreRows(predictions, ['accuracy', 'uar']);
      const change = i === 0 ? undefined : compareRuns(reference, predictions, { metric: 'accuracy' }).pooled;
      return {
        condition,
        clips: predictions.clips.length,
        accuracy,
        uar,
        ...(change && { change: { value: change.difference, interval: change.interval } }),
        ece: calibration(predictions).ece,
        ...answersAbove(predictions, threshold),
      };
    }),
    skipped: [...skipped],
  };
}

function answersAbove(
  predictions: Predictions,
  threshold: number,
): Pick<ConditionScores, 'abstained' | 'answered'> {
  const curve = abstention(predictions);
  // Thresholds are in descending order: the last one that is not below the model's includes all clips with an answer.
  const at = curve.threshold.findLastIndex((confidence) => confidence >= threshold);
  return at < 0
    ? { abstained: 1, answered: null }
    : { abstained: 1 - curve.coverage[at], answered: curve.accuracy[at] };
}

/** The cells of a table of conditions, with headings. */
export function conditionCells({ rows }: Pick<ConditionsReport, 'rows'>): string[][] {
  return [
    ['condition', 'accuracy', 'change, points', 'UAR', 'ECE', 'abstained', 'accuracy of the rest'],
    ...rows.map(({ condition, accuracy, uar, change, ece, abstained, answered }) => [
      condition,
      scoreText('accuracy', accuracy),
      change ? `${percentagePoints(change.value)} ${limitsText('accuracy', change.interval)}` : '',
      scoreText('uar', uar),
      formatPercent(ece),
      formatPercent(abstained),
      answered === null ? '–' : formatPercent(answered),
    ]),
  ];
}

/** Formats the scores under several conditions as a text table. */
export function formatConditions(report: ConditionsReport): string {
  const [{ clips }] = report.rows;
  return [
    `${formatCount(clips)} test clips of ${report.split} under each condition; protocol ${protocolText(report)}`,
    textTable(conditionCells(report), [0]),
    ...report.skipped.map(({ condition, reason }) => `not measured: ${condition}: ${reason}`),
  ].join('\n');
}
