export { bundleOf } from './bundle-of';
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
export { type BundleCard, loadBundle, type ModelBundle, saveBundle } from './model-bundle';
export { newestBundle } from './newest-bundle';
export type { Recording, RecordingInput } from './open-recording';
export {
  createPredictor,
  type EmotionProbability,
  type Prediction,
  type Predictor,
  type PredictOptions,
  type TimelineEntry,
} from './predictor';
export type { SplitResult, Trained } from './train-split';
