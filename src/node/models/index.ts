export { ensembleOf, modelOf } from './create-model';
export { findModels, newestModel, type FoundModel } from './find-models';
export { createPredictor, loadModel, saveModel, type RecordingInput } from './model-folder';
export { loadOneHot, loadScaler, savePreparation } from './preparation-file';
export { publishModel, type PublishOptions } from './publish-model';
export { modelOfRun, saveModels } from './save-models';
