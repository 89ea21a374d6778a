export { ensembleOf, modelOf, modelOfRun, saveModels } from './create-model';
export { findModels, newestModel, type FoundModel } from './find-models';
export {
  createPredictor,
  loadModel,
  loadOneHot,
  loadScaler,
  saveModel,
  savePreparation,
  type RecordingInput,
} from './model-folder';
export { publishModel } from './publish-model';
