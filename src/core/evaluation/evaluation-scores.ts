import { calibrateBySplit, type SplitTemperature } from './temperature';
import { type Calibration, calibration, formatCalibration } from './calibration';
import { type ClassificationReport, classificationReport, type ConfusionMatrix, confusionMatrix, formatClassificationReport, formatConfusionMatrix } from './confusion';
import { formatScoreReport, scoreReport, type ScoreReport } from './score-report';
import { formatSlices, type SliceName, type Slices, sliceScores } from './slices';
import type { Predictions } from './predictions';

/** All that is said of the predictions of one experiment. */
export interface EvaluationScores {
  report: ScoreReport;
  /** the paper's Table III */
  classification: ClassificationReport;
  /** the paper's Fig. 9 */
  matrix: ConfusionMatrix;
  /** of the probabilities as they are, and after temperature scaling on validation rows */
  calibration: { before: Calibration; after: Calibration; temperatures: SplitTemperature[] };
  slices: Slices[];
}

/**
 * Scores predictions in every way that a report shows.
 *
 * @param validation - what the same models said of their validation rows, for the temperature
 */
export function evaluationScores(
  predictions: Predictions,
  validation: Predictions | undefined,
  {
    slices = [],
    known = {},
  }: {
    /** what to divide the rows by; default nothing */
    slices?: readonly SliceName[];
    /** scores of the same predictions that are there already */
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

/** The scores as text, each part with its protocol. */
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
