export { abstention, thresholdFor, type Abstention } from './abstention';
export { calibration, formatCalibration, type Calibration } from './calibration';
export { compareRuns, formatComparison, type RunComparison } from './compare-runs';
export {
  classScores,
  classificationReport,
  confusionMatrix,
  formatClassificationReport,
  formatConfusionMatrix,
  mostConfusedPairs,
  reportFromMatrix,
  rowShares,
  type ClassScores,
  type ClassificationReport,
  type ConfusionMatrix,
} from './confusion';
export { evaluationScores, formatEvaluationScores, type EvaluationScores } from './evaluation-scores';
export {
  checkFaithfulness,
  faithfulnessVerdict,
  type Faithfulness,
  type FaithfulnessOptions,
} from './faithfulness';
export { humanLine, type HumanLine } from './human-line';
export { wilsonLimits } from './intervals';
export {
  committedNotebook,
  paper,
  publishedConditions,
  publishedScores,
  type Published,
} from './literature-scores';
export { metricNames, metricOf, metrics, type MetricName } from './metrics';
export {
  coefficientGroups,
  occlude,
  type CoefficientGroup,
  type Occlusion,
  type PredictBatch,
} from './occlusion';
export { mostConfidentMistakes, predictionTable, type Mistake, type PredictionRow } from './prediction-table';
export {
  averagePredictions,
  caveatsOf,
  checkPredictions,
  joinSeeds,
  predictedClasses,
  protocolMark,
  protocolText,
  selectCorpus,
  selectRows,
  underProtocol,
  type Caveats,
  type Predictions,
  type UnderProtocol,
} from './predictions';
export { formatProtocols, protocolTable, siblingShare, type ProtocolStep } from './protocol-table';
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
} from './score-report';
export { mcNemarTest, signFlipTest } from './significance';
export {
  formatSlices,
  sliceNames,
  sliceScores,
  availableSlices,
  defaultSlices,
  type Slice,
  type SliceName,
  type Slices,
} from './slices';
export {
  calibrateBySplit,
  fitTemperature,
  scaleByTemperature,
  temperatureFor,
  withTemperature,
} from './temperature';
export {
  conditionCells,
  conditionsReport,
  formatConditions,
  type ConditionScores,
  type ConditionsReport,
} from './conditions';
