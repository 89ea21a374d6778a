export { ensembleOf, finishedSplit, modelOf, modelOfRun, saveModels } from './create-model';
export { defaultModel, findModels, type FoundModel, modelScoreText, newestModel } from './find-models';
export {
  createPredictor,
  loadModel,
  loadOneHot,
  loadScaler,
  saveModel,
  savePreparation,
  type RecordingInput,
} from './model-folder';
export { exportOnnx, type OnnxExport, type OnnxInput, onnxInputs } from './onnx/export-onnx';
export { publishModel, saveConditions } from './publish-model';
