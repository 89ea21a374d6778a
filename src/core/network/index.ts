export { epochBatches, stepsIn, type PlainBatch } from './batches';
export { buildModel } from './build-model';
export {
  baselineKinds,
  classifierOf,
  type Classifier,
  type ClassifierState,
  type Method,
  type StateOf,
  type TrainingRows,
} from './classifier';
export { compactCnn, type CompactCnnOptions } from './compact-cnn';
export { createNetwork } from './create-network';
export { engineNames, type Engine, type EngineName, type TensorFlow } from './engine';
export { formatEpoch, type EpochRecord } from './epoch-record';
export { knnClassifier, restoreKnn } from './knn';
export { layerTimes, type LayerTime } from './layer-times';
export { logMelCnn, type LogMelCnnOptions } from './log-mel-cnn';
export { majorityClassifier, restoreMajority } from './majority';
export { modelCost, type LayerCost } from './model-cost';
export { readWeights, writeWeights } from './model-weights';
export { bestEpoch, epochsWithoutGain } from './monitor';
export type { Batch, BatchGradients, DropoutMask, Network, NetworkOptions, StepOptions } from './network';
export { readNetwork, writeNetwork } from './network-files';
export type { NetworkShape } from './network-options';
export { createOptimizer, type OptimizerState } from './optimizer';
export { overallSteps, trainingLabel, type StepProgress, type TrainingPlace } from './overall-steps';
export { paperCnn } from './paper-cnn';
export { predictRows } from './predict-rows';
export { cnnLstm, lstmStack, type RecurrentOptions } from './recurrent';
export { restoreClassifier } from './restore-classifier';
export { beta1At, learningRateAt } from './schedule';
export { rowSizeOf, type TrainingData } from './training-data';
export { largestOfRows, validationScores } from './validation-scores';
