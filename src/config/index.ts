export {
  type DatasetConfig,
  type ExperimentChanges,
  type ExperimentConfig,
  type HeadName,
  headNames,
  type ModelConfig,
  type ModelKind,
  modelKinds,
  type OptimizerName,
  optimizerNames,
  type ProtocolName,
  protocolNames,
  type ScheduleName,
  scheduleNames,
  type TrainingConfig,
} from './experiment';
export { type PresetName, presetNames, presets } from './presets';
