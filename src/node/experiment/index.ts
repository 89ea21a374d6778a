export { type ComparedProtocol, comparedProtocols, compareProtocols, type CompareProtocolsOptions, evaluateExperiment, type EvaluateOptions, type Evaluation, type ProtocolComparison } from './evaluate-experiment';
export { type Ensemble, type EnsembleMember, type RecallOptions, recallRun, runsAsOne, type RunsAsOne, type RunsAsOneOptions } from './ensemble';
export { explainFold, type ExplainOptions, type ExplainedPrediction, type Explanation } from './explain-fold';
export { fit, type FitOptions, type FitResult } from './train-split';
export { type ExperimentOptions, type RecordedOptions, type RecordedResult, runExperiment, runRecorded } from './experiment';
export { tensorBoardLog } from './training-files';
export type { SplitCallbacks, SplitPlace } from './train-splits';
