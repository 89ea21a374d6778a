export { type EnsembleBundle, loadModel, saveEnsemble } from './ensemble-bundle';
export { bundleOf } from './bundle-of';
export {
  type ClaimLedger,
  claimLedger,
  formatLedger,
  type LedgerRow,
  type LedgerRun,
  ledgerRun,
  recordedLedgerRun,
} from './claim-ledger';
export {
  type ComparedProtocol,
  comparedProtocols,
  compareProtocols,
  type CompareProtocolsOptions,
  type ProtocolComparison,
} from './compare-protocols';
export { differingOptions } from './differing-options';
export { dataFingerprint } from './data-fingerprint';
export {
  type Ensemble,
  type EnsembleMember,
  type RunsAsOne,
  runsAsOne,
  type RunsAsOneOptions,
} from './ensemble';
export { evaluateExperiment, type EvaluateOptions, type Evaluation } from './evaluate-experiment';
export { type EvaluationScores, evaluationScores, formatEvaluationScores } from './evaluation-scores';
export { type ExplainedPrediction, explainFold, type ExplainOptions, type Explanation } from './explain-fold';
export { hearMistakes, type HeardMistake, type HeardMistakes } from './hear-mistakes';
export {
  committedNotebook,
  paper,
  type Published,
  type PublishedScore,
  publishedScores,
  type PublishedSource,
} from './published';
export { commitOf, type Environment, environmentNow } from './environment';
export { type BundleCard, loadBundle, type ModelBundle, saveBundle } from './model-bundle';
export { type ModelInput, modelInput, type Normaliser } from './model-input';
export { experimentFeatures } from './experiment-features';
export { findBundles, type FoundBundle, newestBundle } from './find-bundles';
export type { RecordingInput } from './open-recording';
export {
  createPredictor,
  type EmotionProbability,
  type Prediction,
  type Predictor,
  type PredictOptions,
  type TimelineEntry,
} from './predictor';
export { type PaperFigures, paperFigures } from './paper-figures';
export { isSyntheticRun, isWholeRun, recordSource } from './record-source';
export { readRunRecords, type StoredRun, writeRunRecord } from './record-files';
export {
  type ExperimentOptions,
  type ExperimentResult,
  type FoldResult,
  runExperiment,
} from './run-experiment';
export { publishModel, type PublishOptions } from './publish-model';
export { recallRun, type RecallOptions } from './recall-run';
export { type MemberRecord, type RunRecord, runRecordOf, type SplitRecord } from './run-record';
export { runNamed } from './run-named';
export { type RecordedOptions, type RecordedResult, runRecorded } from './run-recorded';
export { type RunCurve, runCurves, runTable } from './run-table';
export { bundleOfRun, saveModels } from './save-models';
export * from './sweep';
export { siblingShare } from './sibling-share';
export type { SplitResult, Trained } from './train-split';
export type { SplitCallbacks, SplitPlace } from './train-splits';
