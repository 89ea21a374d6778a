export {
  recallRun,
  runsAsOne,
  type Ensemble,
  type EnsembleMember,
  type RecallOptions,
  type RunsAsOne,
  type RunsAsOneOptions,
} from './ensemble';
export {
  compareProtocols,
  comparedProtocols,
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
export type { SplitCallbacks, SplitPlace } from './train-splits';
export { tensorBoardLog } from './training-files';
