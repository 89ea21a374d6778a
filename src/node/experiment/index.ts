export {
  compareProtocols,
  comparedProtocols,
  type CompareProtocolsOptions,
  type ComparedProtocol,
  type ProtocolComparison,
} from './compare-protocols';
export {
  runsAsOne,
  type Ensemble,
  type EnsembleMember,
  type RunsAsOne,
  type RunsAsOneOptions,
} from './ensemble';
export { evaluateExperiment, type EvaluateOptions, type Evaluation } from './evaluate-experiment';
export { explainFold, type ExplainOptions, type ExplainedPrediction, type Explanation } from './explain-fold';
export { fit, type FitOptions, type FitResult } from './fit';
export { recallRun, type RecallOptions } from './rescore-run';
export { runExperiment, type ExperimentOptions } from './run-experiment';
export { runRecorded, type RecordedOptions, type RecordedResult } from './run-recorded';
export { tensorBoardLog } from './tensorboard';
export type { SplitCallbacks, SplitPlace } from './train-splits';
