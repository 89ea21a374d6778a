export {
  rescoreRun,
  evaluateEnsemble,
  type Ensemble,
  type EnsembleMember,
  type RescoreOptions,
  type EnsembleEvaluation,
  type EnsembleOptions,
} from './ensemble';
export {
  compareProtocols,
  evaluateExperiment,
  type CompareProtocolsOptions,
  type ComparedProtocol,
  type EvaluateOptions,
  type Evaluation,
  type ProtocolComparison,
} from './evaluate-experiment';
export {
  runExperiment,
  runRecorded,
  type ExperimentOptions,
  type RecordedOptions,
  type RecordedResult,
} from './experiment';
export { explainFold, type ExplainOptions, type ExplainedPrediction, type Explanation } from './explain-fold';
export { fit, type FitOptions, type FitResult } from './train-split';
export type { SplitCallbacks, SplitPosition } from './train-splits';
export { tensorBoardLog } from './training-files';
