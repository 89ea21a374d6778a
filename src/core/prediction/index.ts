export {
  checkedCard,
  scoresInCard,
  trainingCorpora,
  type CardScore,
  type ModelCard,
  type TrainingCorpus,
} from './card';
export {
  disposeModel,
  isEnsemble,
  membersOf,
  modelFiles,
  modelFromFiles,
  type EnsembleModel,
  type Model,
  type SingleModel,
} from './model';
export {
  checkModelFileSize,
  inventoryFile,
  maxModelFileBytes,
  inventoryOf,
  isModelFile,
  openModelFiles,
  type ModelFiles,
  type ModelReader,
  filesInInventory,
} from './model-files';
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
export type { EmotionProbability, Segment } from './segments';
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
