export { checkModelSize, networkLimits } from './option-rules';
export {
  modelLayouts,
  type DatasetConfig,
  type ExperimentChanges,
  type ExperimentConfig,
  type HeadName,
  type ModelConfig,
  type ModelKind,
  type OptionPath,
  type OptionValues,
  type RowLayout,
  type TestVersions,
  type TrainingConfig,
} from './experiment';
export {
  configDifferences,
  type ConfigDifference,
  configHash,
  experimentConfig,
  formatConfig,
  formatOptions,
  optionsOf,
  parseSettings,
  settingsFromEnvironment,
  valueText,
} from './experiment-config';
export { checkPath, checkValue, describeOption, type OptionDescription, optionPaths } from './options';
export { isPreset, presetNames, presets, type PresetName } from './presets';
