export { checkState, knnClassifier, majorityClassifier, restoreClassifier } from './baselines';
export { epochBatches, epochRows, rowSizeOf, stepsIn, type PlainBatch, type TrainingData } from './batches';
export { buildModel } from './build-model';
export {
  baselineKinds,
  classifierOf,
  type Classifier,
  type ClassifierState,
  type ClassifierMethod,
  type StateOf,
  type TrainingRows,
} from './classifier';
export { compactCnn, logMelCnn } from './compact-networks';
export { createNetwork } from './create-network';
export { engineNames, type Engine, type EngineName, type TensorFlow } from './engine';
export type { Network, NetworkOptions } from './network';
export { layerTimes, modelCost } from './network-cost';
export { readNetwork, readWeights, writeNetwork, writeWeights } from './network-files';
export { productOf } from './network-size';
export { createOptimizer, type OptimizerState } from './optimizer';
export { cnnLstm, lstmStack, paperCnn } from './paper-networks';
export { largestOfRows, predictRows, validationScores } from './predict-rows';
export {
  formatEpoch,
  overallSteps,
  trainingLabel,
  type EpochRecord,
  type StepProgress,
  type TrainingPosition,
} from './progress';
export { bestEpoch, beta1At, epochsWithoutGain, learningRateAt } from './schedule';
export { checkTopology } from './topology';
export { registerWasmKernels } from './wasm-kernels';
