export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint';
export { type EpochRecord, formatEpoch } from './epoch-record';
export { fit, type FitOptions, type FitResult, type StepProgress } from './fit';
export { bestEpoch } from './monitor';
export { predictRows } from './predict-rows';
export { learningRateAt } from './schedule';
export { rowSizeOf, type TrainingData } from './training-data';
export { fileName, tensorBoardLog } from './tensorboard';
