export { abstention, thresholdFor, type Abstention } from './abstention';
export { averagePredictions, checkPredictions, joinSeeds, predictedClasses, type Predictions, protocolMark, protocolText, type SeedRun, selectCorpus, selectRows, underProtocol, type UnderProtocol } from './predictions';
export { calibrateBySplit, fitTemperature, scaleByTemperature, type SplitTemperature, type Temperature, temperatureFor, type TemperatureOptions, withTemperature } from './temperature';
export { type Binning, calibration, type Calibration, type CalibrationOptions, type ConfidenceBin, formatCalibration } from './calibration';
export { classificationReport, type ClassificationReport, type ClassMeans, classScores, type ClassScores, type ConfusedPair, confusionMatrix, type ConfusionMatrix, formatClassificationReport, formatConfusionMatrix, mostConfusedPairs, reportOfMatrix, rowShares, siblingShare } from './confusion';
export { type CoefficientGroup, coefficientGroups, occlude, type Occlusion, type OcclusionOptions, type PredictBatch } from './occlusion';
export { compareRuns, type CompareRunsOptions, formatComparison, type PairedDifference, type RunComparison } from './compare-runs';
export { type Mistake, mostConfidentMistakes, type PredictionRow, predictionTable } from './prediction-table';
export { evaluationScores, formatEvaluationScores, type EvaluationScores } from './evaluation-scores';
export { checkFaithfulness, type ExplainedRow, type Faithfulness, type FaithfulnessOptions, faithfulnessVerdict } from './faithfulness';
export { briefPercent, daggerNote, formatScore, percent, scoreText, scoreWithDagger } from './score-text';
export { formatScoreReport, type GroupScores, scoreReport, type ScoreReport, type ScoreReportOptions, type Spread, spreadOf } from './score-report';
export { formatSlices, type Slice, type SliceName, sliceNames, type Slices, sliceScores, type SlicesOptions, statedSlices, usualSlices } from './slices';
export { humanLine, type HumanLine, type HumanRecall } from './human-line';
export type { Interval, IntervalMethod } from './interval';
export {
  committedNotebook,
  paper,
  publishedScores,
  type Published,
  type PublishedSource,
} from './literature-scores';
export { mcNemarTest, type McNemarTest, type SignFlipOptions, signFlipTest } from './significance';
export { type Metric, type MetricName, metricNames, metricOf, metrics, type Tally } from './metrics';
export { formatProtocols, protocolTable, type ProtocolRow, type ProtocolStep } from './protocol-table';
export type { BootstrapOptions } from './resample-clusters';
export type { IntervalOptions, Score } from './score-rows';
export { wilsonLimits } from './wilson-limits';
