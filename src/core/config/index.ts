export { type ConfigDifference, configDifferences, configHash, formatConfig, valueText } from './describe';
export { experimentConfig } from './experiment-config';
export { type Changes, type DatasetConfig, type ExperimentChanges, type ExperimentConfig, type HeadName, headNames, type ModelConfig, type ModelKind, modelKinds, modelLayouts, type NormalisationName, normalisationNames, type OptimizerName, optimizerNames, type OptionPath, type OptionValues, type PathsIn, type RowLayout, type ScheduleName, scheduleNames, type TestVersions, type TrainingConfig } from './experiment';
export { checkPath, checkValue, optionsOf } from './options';
export { type PresetName, presetNames, presets } from './presets';
export { parseSettings, settingsFromEnvironment } from './settings';
