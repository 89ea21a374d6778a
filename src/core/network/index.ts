export { epochBatches, type PlainBatch, rowSizeOf, stepsIn, type TrainingData } from './batches';
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
export { compactCnn, type CompactCnnOptions, logMelCnn, type LogMelCnnOptions } from './compact-networks';
export { createNetwork } from './create-network';
export { engineNames, type Engine, type EngineName, type TensorFlow } from './engine';
export { type EpochRecord, formatEpoch, overallSteps, type StepProgress, trainingLabel, type TrainingPlace } from './progress';
export { knnClassifier, majorityClassifier, restoreClassifier } from './baselines';
export { type LayerCost, type LayerTime, layerTimes, modelCost } from './network-cost';
export { readNetwork, readWeights, writeNetwork, writeWeights } from './network-files';
export { bestEpoch, beta1At, epochsWithoutGain, learningRateAt } from './schedule';
export type { Batch, BatchGradients, DropoutMask, Network, NetworkOptions, StepOptions } from './network';
export type { NetworkShape } from './network-layers';
export { createOptimizer, type OptimizerState } from './optimizer';
export { cnnLstm, lstmStack, paperCnn, type RecurrentOptions } from './paper-networks';
export { largestOfRows, predictRows, validationScores } from './predict-rows';
export { registerWasmKernels } from './wasm-kernels';
