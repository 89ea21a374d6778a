export { ensembleOf, modelOf, modelOfRun, saveModels } from './create-model';
export { defaultModel, findModels, newestModel } from './find-models';
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
export { saveConditions } from './save-conditions';
export { modelScoreText, type FoundModel } from './rank-models';
