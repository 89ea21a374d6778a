export { configDifferences, configHash, formatConfig, valueText, type ConfigDifference } from './describe';
export {
  headNames,
  modelKinds,
  modelLayouts,
  normalisationNames,
  optimizerNames,
  scheduleNames,
  type Changes,
  type DatasetConfig,
  type ExperimentChanges,
  type ExperimentConfig,
  type HeadName,
  type ModelConfig,
  type ModelKind,
  type NormalisationName,
  type OptimizerName,
  type OptionPath,
  type OptionValues,
  type PathsIn,
  type RowLayout,
  type ScheduleName,
  type TestVersions,
  type TrainingConfig,
} from './experiment';
export { experimentConfig } from './experiment-config';
export { checkPath, checkValue, optionsOf } from './options';
export { presetNames, presets, type PresetName } from './presets';
export { parseSettings, settingsFromEnvironment } from './settings';
