export { chooseClips } from './choose-clips';
export { dataFingerprint } from './data-fingerprint';
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
