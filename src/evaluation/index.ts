export { type Abstention, abstention, thresholdFor } from './abstention';
export { averagePredictions } from './average-predictions';
export { calibrateBySplit, type SplitTemperature } from './calibrate-by-split';
export {
  type Binning,
  type Calibration,
  calibration,
  type CalibrationOptions,
  type ConfidenceBin,
} from './calibration';
export { type ClassScores, classScores } from './class-scores';
export {
  type ClassificationReport,
  classificationReport,
  type ClassMeans,
  formatClassificationReport,
  reportOfMatrix,
} from './classification-report';
export { type CoefficientGroup, coefficientGroups } from './coefficient-groups';
export {
  compareRuns,
  type CompareRunsOptions,
  type PairedDifference,
  type RunComparison,
} from './compare-runs';
export { type ConfusedPair, mostConfusedPairs } from './confused-pairs';
export { type ConfusionMatrix, confusionMatrix, rowShares } from './confusion-matrix';
export { type Mistake, mostConfidentMistakes } from './confident-mistakes';
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
export { type HumanLine, humanLine, type HumanRecall } from './human-line';
export { joinSeeds, type SeedRun } from './join-seeds';
export type { Interval, IntervalMethod } from './interval';
export { type McNemarTest, mcNemarTest } from './mcnemar';
export { type Metric, metricNames, type MetricName, metricOf, metrics } from './metrics';
export { occlude, type Occlusion, type OcclusionOptions, type PredictBatch } from './occlusion';
export { type PredictionRow, predictionTable } from './prediction-table';
export {
  checkPredictions,
  predictedClasses,
  type Predictions,
  selectCorpus,
  selectRows,
} from './predictions';
export { formatProtocols, type ProtocolRow, type ProtocolStep, protocolTable } from './protocol-table';
export type { BootstrapOptions } from './resample-clusters';
export type { IntervalOptions, Score } from './score-rows';
export { type GroupScores, type ScoreReport, scoreReport, type ScoreReportOptions } from './score-report';
export { signFlipTest, type SignFlipOptions } from './sign-flip-test';
export {
  type Slice,
  sliceNames,
  type SliceName,
  type Slices,
  sliceScores,
  type SlicesOptions,
  statedSlices,
  usualSlices,
} from './slices';
export { type Spread, spreadOf } from './spread';
export type { Tally } from './tally';
export {
  fitTemperature,
  scaleByTemperature,
  type Temperature,
  temperatureFor,
  type TemperatureOptions,
  withTemperature,
} from './temperature';
export { markdownTable } from './markdown-table';
export { protocolMark, protocolText, underProtocol, type UnderProtocol } from './under-protocol';
export { textTable } from './text-table';
export { wilsonLimits } from './wilson-limits';
