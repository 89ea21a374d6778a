export { abstention, thresholdFor, type Abstention } from './abstention';
export { averagePredictions } from './average-predictions';
export { calibrateBySplit, type SplitTemperature } from './calibrate-by-split';
export {
  calibration,
  type Binning,
  type Calibration,
  type CalibrationOptions,
  type ConfidenceBin,
} from './calibration';
export { classScores, type ClassScores } from './class-scores';
export {
  classificationReport,
  formatClassificationReport,
  reportOfMatrix,
  type ClassMeans,
  type ClassificationReport,
} from './classification-report';
export { coefficientGroups, type CoefficientGroup } from './coefficient-groups';
export {
  compareRuns,
  type CompareRunsOptions,
  type PairedDifference,
  type RunComparison,
} from './compare-runs';
export { mostConfidentMistakes, type Mistake } from './confident-mistakes';
export { mostConfusedPairs, type ConfusedPair } from './confused-pairs';
export { confusionMatrix, rowShares, type ConfusionMatrix } from './confusion-matrix';
export { evaluationScores, formatEvaluationScores, type EvaluationScores } from './evaluation-scores';
export {
  checkFaithfulness,
  type ExplainedRow,
  type Faithfulness,
  type FaithfulnessOptions,
} from './faithfulness';
export { faithfulnessVerdict } from './faithfulness-verdict';
export { formatCalibration } from './format-calibration';
export { formatComparison } from './format-comparison';
export { formatConfusionMatrix } from './format-confusion-matrix';
export { briefPercent, daggerNote, formatScore, percent, scoreText, scoreWithDagger } from './format-score';
export { formatScoreReport } from './format-score-report';
export { formatSlices } from './format-slices';
export { humanLine, type HumanLine, type HumanRecall } from './human-line';
export type { Interval, IntervalMethod } from './interval';
export { joinSeeds, type SeedRun } from './join-seeds';
export {
  committedNotebook,
  paper,
  publishedScores,
  type Published,
  type PublishedSource,
} from './literature-scores';
export { mcNemarTest, type McNemarTest } from './mcnemar';
export { metricNames, metricOf, metrics, type Metric, type MetricName } from './metrics';
export { occlude, type Occlusion, type OcclusionOptions, type PredictBatch } from './occlusion';
export { predictionTable, type PredictionRow } from './prediction-table';
export {
  checkPredictions,
  predictedClasses,
  selectCorpus,
  selectRows,
  type Predictions,
} from './predictions';
export { formatProtocols, protocolTable, type ProtocolRow, type ProtocolStep } from './protocol-table';
export type { BootstrapOptions } from './resample-clusters';
export { scoreReport, type GroupScores, type ScoreReport, type ScoreReportOptions } from './score-report';
export type { IntervalOptions, Score } from './score-rows';
export { siblingShare } from './sibling-share';
export { signFlipTest, type SignFlipOptions } from './sign-flip-test';
export {
  sliceNames,
  sliceScores,
  statedSlices,
  usualSlices,
  type Slice,
  type SliceName,
  type Slices,
  type SlicesOptions,
} from './slices';
export { spreadOf, type Spread } from './spread';
export type { Tally } from './tally';
export {
  fitTemperature,
  scaleByTemperature,
  temperatureFor,
  withTemperature,
  type Temperature,
  type TemperatureOptions,
} from './temperature';
export { protocolMark, protocolText, underProtocol, type UnderProtocol } from './under-protocol';
export { wilsonLimits } from './wilson-limits';
