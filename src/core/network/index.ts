export {
  baselineKinds,
  checkState,
  type Classifier,
  type ClassifierMethod,
  classifierOf,
  type ClassifierState,
  knnClassifier,
  majorityClassifier,
  restoreClassifier,
  type StateOf,
  type TrainingRows,
} from './baselines';
export {
  epochBatches,
  epochRows,
  largestOfRows,
  type PlainBatch,
  predictRows,
  rowSizeOf,
  rowsPerPass,
  stepsIn,
  type TrainingData,
  validationScores,
} from './batches';
export { buildModel } from './build-model';
export { cnnLstm, compactCnn, logMelCnn, lstmStack, paperCnn } from './networks';
export { createNetwork } from './create-network';
export {
  type Engine,
  type EngineName,
  engineNames,
  type Network,
  type NetworkOptions,
  type TensorFlow,
} from './network';
export { layerTimes, modelCost, productOf } from './network-size';
export { readNetwork, readWeights, writeNetwork, writeWeights } from './network-files';
export { adamConstants, createOptimizer, flatGradient, type OptimizerState, sgdMomentum } from './optimizer';
export {
  formatEpoch,
  overallSteps,
  placeName,
  trainingLabel,
  type EpochRecord,
  type StepProgress,
  type TrainingPosition,
} from './progress';
export { bestEpoch, beta1At, epochsWithoutGain, learningRateAt } from './schedule';
export { varianceEpsilon } from './statistics-pooling';
export { type CheckedTopology, checkTopology } from './topology';
export type { NetworkLayer } from './topology-schema';
export { registerWasmKernels } from './kernels';
