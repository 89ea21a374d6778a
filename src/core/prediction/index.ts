export { askModel, gathered } from './ask-model';
export { type EnsembleBundle, loadModel, membersOf, saveEnsemble } from './ensemble-bundle';
export { type BundleCard, checkedCard, loadBundle, type ModelBundle, saveBundle } from './model-bundle';
export { fitNormaliser, inputWithoutRows, modelInput, type ModelInput, type Normaliser, scaledRows } from './model-input';
export type { RecordingInput } from './open-recording';
export { askHeldOut, heardVersions } from './predict-held-out';
export { createPredictor, type EmotionProbability, type Prediction, type PredictOptions, type Predictor, type TimelineEntry } from './predictor';
export { protocolNote } from './protocol-note';
