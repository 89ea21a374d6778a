import { type Calibration, calibration, formatCalibration } from './calibration';
import {
  type ClassificationReport,
  classificationReport,
  type ConfusionMatrix,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
} from './confusion';
import type { Predictions } from './predictions';
import { formatScoreReport, scoreReport, type ScoreReport } from './score-report';
import { formatSlices, type SliceName, type Slices, sliceScores } from './slices';
import { calibrateBySplit, type SplitTemperature } from './temperature';

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
  return {
    report: known.report ?? scoreReport(predictions),
    classification: known.classification ?? classificationReport(predictions),
    matrix: known.matrix ?? confusionMatrix(predictions),
    calibration: known.calibration ?? calibrations(predictions, validation),
    slices: slices.map(
      (by) => known.slices?.find((scored) => scored.by === by) ?? sliceScores(predictions, { by }),
    ),
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
}: EvaluationScores): string {
  return [
    formatScoreReport(report),
    formatClassificationReport(classification),
    formatConfusionMatrix(matrix),
    formatCalibration(before, after, temperatures),
    ...slices.map(formatSlices),
  ].join('\n');
}
