export { chooseClips } from './choose-clips';
export { dataFingerprint } from './data-fingerprint';
export { type ModelInput, modelInput, type Normaliser } from './model-input';
export {
  type ExperimentOptions,
  type ExperimentResult,
  type FoldResult,
  runExperiment,
  type SplitPlace,
} from './run-experiment';
export * from './sweep';
export type { SplitResult, Trained } from './train-split';
