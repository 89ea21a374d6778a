export {
  abstention,
  type Abstention,
  calibration,
  type Calibration,
  formatCalibration,
  thresholdFor,
} from './calibration';
export { compareRuns, formatComparison, mcNemarTest, type RunComparison } from './compare-runs';
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
export {
  evaluationScores,
  type EvaluationScores,
  formatEvaluationScores,
  formatProtocols,
  type Mistake,
  mostConfidentMistakes,
  type PredictionRow,
  predictionTable,
  type ProtocolStep,
  protocolTable,
  siblingShare,
} from './reports';
export {
  checkFaithfulness,
  faithfulnessVerdict,
  type Faithfulness,
  type FaithfulnessOptions,
  signFlipTest,
} from './faithfulness';
export {
  committedNotebook,
  humanLine,
  type HumanLine,
  paper,
  type Published,
  publishedConditions,
  publishedScores,
} from './reference-scores';
export { wilsonLimits } from './intervals';
export { metricNames, metricOf, metrics, type MetricName } from './metrics';
export {
  coefficientGroups,
  occlude,
  type CoefficientGroup,
  type Occlusion,
  type PredictBatch,
} from './occlusion';
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
export {
  type NamedPart,
  partsOf,
  type PredictionsPart,
  type ScoreRow,
  scoreTable,
  selectPredictions,
} from './parts';
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
export {
  formatSlices,
  sliceNames,
  isWorstClear,
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
  type SplitTemperature,
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
export { formatVoteScores, voteScores, type VoteScores } from './vote-scores';
export {
  alignPredictions,
  comparePredictions,
  formatPredictionComparison,
  type NamedPredictions,
  type PredictionComparison,
} from './compare-predictions';
export {
  formatPredictionScores,
  type PredictionScores,
  scorePredictions,
  type ScorePredictionsOptions,
} from './scored-predictions';
