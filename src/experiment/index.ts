export { chooseClips } from './choose-clips';
export {
  type ClaimLedger,
  claimLedger,
  formatLedger,
  type LedgerRow,
  type LedgerRun,
  ledgerRun,
} from './claim-ledger';
export {
  type ComparedProtocol,
  comparedProtocols,
  compareProtocols,
  type CompareProtocolsOptions,
  type ProtocolComparison,
  siblingShare,
} from './compare-protocols';
export { dataFingerprint } from './data-fingerprint';
export { evaluateExperiment, type EvaluateOptions, type Evaluation } from './evaluate-experiment';
export { type EvaluationScores, evaluationScores, formatEvaluationScores } from './evaluation-scores';
export { type ExplainedPrediction, explainFold, type ExplainOptions, type Explanation } from './explain-fold';
export { hearMistakes, type HeardMistake, type HeardMistakes } from './hear-mistakes';
export { committedNotebook, paper, type Published, type PublishedSource } from './published';
export {
  type ExperimentOptions,
  type ExperimentResult,
  type FoldResult,
  runExperiment,
  type SplitPlace,
} from './run-experiment';
export { type ModelInput, modelInput, type Normaliser } from './model-input';
export { loadBundle, type ModelBundle, saveBundle } from './model-bundle';
export type { SplitResult, Trained } from './train-split';
