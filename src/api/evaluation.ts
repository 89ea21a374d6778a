/**
 * Scores with intervals and protocols, calibration, slices, comparisons and explanations.
 *
 * @example
 * ```ts
 * const report = ser.evaluation.scoreReport(predictions);
 * ```
 *
 * @module
 */

export {
  scoreReport,
  formatScoreReport,
  metrics,
  wilsonLimits,
  classificationReport,
  formatClassificationReport,
  confusionMatrix,
  formatConfusionMatrix,
  mostConfusedPairs,
  mostConfidentMistakes,
  predictionTable,
  selectCorpus,
  selectPredictions,
  partsOf,
  scoreTable,
  underProtocol,
  protocolMark,
  protocolText,
  protocolTable,
  formatProtocols,
  calibration,
  formatCalibration,
  calibrateBySplit,
  abstention,
  thresholdFor,
  sliceScores,
  availableSlices,
  formatSlices,
  formatConditions,
  humanLine,
  voteScores,
  formatVoteScores,
  compareRuns,
  formatComparison,
  mcNemarTest,
  signFlipTest,
  averagePredictions,
  type Predictions,
  type PredictionsPart,
  type NamedPart,
  type ScoreRow,
  type ScoreReport,
  type UnderProtocol,
  type Calibration,
  type Abstention,
  type Slices,
  type SliceName,
  type ConditionsReport,
  type RunComparison,
  type ConfusionMatrix,
  type ClassificationReport,
} from '../core/evaluation';
