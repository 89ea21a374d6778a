export { abstention, thresholdFor, type Abstention } from './abstention';
export {
  calibration,
  formatCalibration,
  type Binning,
  type Calibration,
  type CalibrationOptions,
  type ConfidenceBin,
} from './calibration';
export {
  compareRuns,
  formatComparison,
  type CompareRunsOptions,
  type PairedDifference,
  type RunComparison,
} from './compare-runs';
export {
  classScores,
  classificationReport,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
  mostConfusedPairs,
  reportFromMatrix,
  rowShares,
  type ClassMeans,
  type ClassScores,
  type ClassificationReport,
  type ConfusedPair,
  type ConfusionMatrix,
} from './confusion';
export { evaluationScores, formatEvaluationScores, type EvaluationScores } from './evaluation-scores';
export {
  checkFaithfulness,
  faithfulnessVerdict,
  type ExplainedRow,
  type Faithfulness,
  type FaithfulnessOptions,
} from './faithfulness';
export { humanLine, type HumanLine, type HumanRecall } from './human-line';
export {
  wilsonLimits,
  type BootstrapOptions,
  type Interval,
  type IntervalMethod,
  type IntervalOptions,
  type Score,
} from './intervals';
export {
  committedNotebook,
  paper,
  publishedScores,
  type Published,
  type PublishedSource,
} from './literature-scores';
export { metricNames, metricOf, metrics, type Metric, type MetricName, type Tally } from './metrics';
export {
  coefficientGroups,
  occlude,
  type CoefficientGroup,
  type Occlusion,
  type OcclusionOptions,
  type PredictBatch,
} from './occlusion';
export { mostConfidentMistakes, predictionTable, type Mistake, type PredictionRow } from './prediction-table';
export {
  averagePredictions,
  checkPredictions,
  joinSeeds,
  predictedClasses,
  protocolMark,
  protocolText,
  selectCorpus,
  selectRows,
  underProtocol,
  type Predictions,
  type SeedRun,
  type UnderProtocol,
} from './predictions';
export {
  formatProtocols,
  protocolTable,
  siblingShare,
  type ProtocolRow,
  type ProtocolStep,
} from './protocol-table';
export {
  shortPercent,
  daggerNote,
  formatScore,
  formatScoreReport,
  percentagePoints,
  scoreReport,
  scoreText,
  scoreWithDagger,
  spreadOf,
  type GroupScores,
  type ScoreReport,
  type ScoreReportOptions,
  type Spread,
} from './score-report';
export { mcNemarTest, signFlipTest, type McNemarTest, type SignFlipOptions } from './significance';
export {
  formatSlices,
  sliceNames,
  sliceScores,
  availableSlices,
  defaultSlices,
  type Slice,
  type SliceName,
  type Slices,
  type SlicesOptions,
} from './slices';
export {
  calibrateBySplit,
  fitTemperature,
  scaleByTemperature,
  temperatureFor,
  withTemperature,
  type SplitTemperature,
  type Temperature,
  type TemperatureOptions,
} from './temperature';
