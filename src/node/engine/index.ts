export { createBaseline, restoreBaseline, svmClassifier } from './baselines';
export { loadEngine, readEngineRecord } from './load';
export { measureNetwork, measureTraining } from './measure-network';
export { setUpEngine } from './setup';
export {
  createTrainer,
  type StepRates,
  type Trainer,
  type TrainerOptions,
  trainerPath,
  trainingMode,
} from './trainer';
export { graphPredictions } from './graph-predictions';
