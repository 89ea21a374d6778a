export { rescoreRun, evaluateEnsemble, type EnsembleEvaluation } from './ensemble';
export {
  compareProtocols,
  evaluateExperiment,
  protocolConfigs,
  splitProblem,
  type CompareProtocolsOptions,
  type Evaluation,
  type ProtocolComparison,
} from './evaluate-experiment';
export {
  type ExperimentOptions,
  experimentSplits,
  prepareExperiment,
  runExperiment,
  settingsFromEnvironment,
  trainExperiment,
} from './experiment';
export { type RecordedOptions, type RecordedResult, runRecorded, saveRun } from './recorded';
export { evaluateConditions, type EvaluateConditionsOptions } from './evaluate-conditions';
export { evaluateModel, type EvaluateModelOptions, type ModelEvaluation } from './evaluate-model';
export { readPredictions, type ExternalPredictions, type ReadPredictionsOptions } from './read-predictions';
export { explainFold } from './explain-fold';
export { fit, type FitOptions, type FoldEnd, foldEnd, isBaseline, trainSplit } from './train-split';
export type { SplitPosition, TrainedFold } from './train-splits';
export {
  checkpointOf,
  cleanCheckpoints,
  deleteCheckpoints,
  readCheckpoint,
  tensorBoardLog,
} from './training-files';
