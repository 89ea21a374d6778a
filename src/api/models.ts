/**
 * Networks and classifiers, their computational cost, and saved models.
 *
 * @example
 * ```ts
 * const network = ser.models.buildModel(engine.tf, config.model, [108, 22], { classes: 7, seed: 42 });
 * ```
 *
 * @module
 */

export {
  buildModel,
  createNetwork,
  modelCost,
  layerTimes,
  paperCnn,
  lstmStack,
  cnnLstm,
  compactCnn,
  logMelCnn,
  knnClassifier,
  majorityClassifier,
  type Network,
  type Classifier,
} from '../core/network';
export { measureNetwork, svmClassifier } from '../node/engine';
export { findModels, newestModel, publishModel, exportOnnx, modelOf, type FoundModel } from '../node/models';
export type { SingleModel, EnsembleModel, ModelCard } from '../core/prediction';
