export {
  type CardScore,
  checkedCard,
  checkModelFileSize,
  filesInInventory,
  inventoryFile,
  inventoryOf,
  isModelFile,
  maxModelFileBytes,
  type ModelCard,
  type ModelFiles,
  type ModelReader,
  openModelFiles,
  scoresInCard,
  trainingCorpora,
  type TrainingCorpus,
} from './model-files';
export {
  checkedCalibration,
  disposeModel,
  isEnsemble,
  singlesOf,
  membersOf,
  modelFiles,
  modelFromFiles,
  type EnsembleModel,
  type Model,
  type SingleModel,
} from './model';
export {
  fitNormaliser,
  inputWithoutRows,
  modelInput,
  protocolNote,
  scaledRows,
  type ModelInput,
} from './model-input';
export {
  createPredictor,
  type PredictOptions,
  type Prediction,
  type Predictor,
  type RecordingPart,
} from './predictor';
export { checkRecordingSize, type ByteSource, type RecordingInput } from './recording';
export { type EmotionProbability, type Segment, silenceLevel } from './segments';
export { spanOf } from './combined-model';
export {
  gatherInput,
  predictHeldOut,
  predictTrained,
  testedVersions,
  type ExperimentResult,
  type FoldResult,
  type SplitResult,
  type Trained,
} from './trained';
