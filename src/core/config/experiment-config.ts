import { InvalidArgumentError, nearestName } from '../base';
import { featureConfig } from '../features';
import type { ExperimentChanges, ExperimentConfig, OptionPath, OptionValues } from './experiment';
import { checkPath, checkValue, optionPaths } from './options';
import { type PresetName, presetNames, presets } from './presets';

/**
 * The config of an experiment: a preset, or another config, with some of it changed, and checked.
 *
 * In a notebook: `experimentConfig('compact', { training: { epochs: 10 } }, settingsFromEnvironment())`. Later changes win.
 *
 * @param start - a preset by name, or a config; what a config from a file lacks is as in the preset that it came from
 * @param changes - nested as the config is, or by path: `{ 'training.epochs': 10 }`
 * @returns a config of its own, free to be written into JSON
 * @throws {@link InvalidArgumentError} that names the option, its rule and what was received; of an unknown preset or option, the
 *   nearest known one
 */
export function experimentConfig(
  start: PresetName | ExperimentConfig = 'compact',
  ...changes: readonly (ExperimentChanges | OptionValues)[]
): ExperimentConfig {
  if (typeof start === 'object') {
    const { name, ...options } = start;
    return experimentConfig(name as PresetName, options, ...changes);
  }
  if (!presetNames.includes(start)) {
    const near = nearestName(start, presetNames);
    const rule = near ? `named otherwise: did you mean ${near}?` : `one of ${presetNames.join(', ')}`;
    throw new InvalidArgumentError('preset', rule, start);
  }
  const config = structuredClone(presets[start]);
  for (const change of changes) {
    for (const [path, value] of optionsIn(change)) {
      checkValue(path, value);
      place(config, path, structuredClone(value));
    }
  }
  checkTogether(config);
  return config;
}

/** The options that a change names; one without a value is left as it is. */
function optionsIn(change: object, group = ''): [OptionPath, unknown][] {
  return Object.entries(change as Record<string, unknown>).flatMap(([key, value]) => {
    const path = group + key;
    if (value === undefined) return [];
    if (!optionPaths.some((known) => known.startsWith(`${path}.`))) {
      checkPath(path);
      return [[path, value] as [OptionPath, unknown]];
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidArgumentError(path, 'an object of options', value);
    }
    return optionsIn(value, `${path}.`);
  });
}

function place(config: ExperimentConfig, path: OptionPath, value: unknown): void {
  const groups = path.split('.');
  const key = groups.pop()!;
  const group = groups.reduce<object>((outer, name) => (outer as Record<string, object>)[name], config);
  Object.assign(group, { [key]: value });
}

/** What options must be in the light of others. */
function checkTogether({ features, dataset, training }: ExperimentConfig): void {
  const { versions } = checkFeatures(features);
  const { protocol, fold, folds, trainVersions, testVersions } = dataset;
  // How many splits the other protocols make, the clips say.
  const parts =
    protocol === 'paper-rows' ? 1 : protocol === 'clips' || protocol === 'speakers' ? folds : Infinity;
  if (fold !== 'all' && fold >= parts) {
    throw new InvalidArgumentError(
      'dataset.fold',
      `all, or an integer below the number of folds (${parts} with the protocol ${protocol})`,
      fold,
    );
  }
  const { monitor, earlyStopping, schedule } = training;
  const gain = 'with training.monitor last, which counts every epoch as a gain';
  if (monitor === 'last' && earlyStopping !== null)
    throw new InvalidArgumentError('training.earlyStopping', `null ${gain}`, earlyStopping);
  if (monitor === 'last' && schedule === 'plateau')
    throw new InvalidArgumentError('training.schedule', `another ${gain}`, schedule);
  if (protocol === 'paper-rows' && testVersions !== 'original') {
    throw new InvalidArgumentError(
      'dataset.testVersions',
      'original with the protocol paper-rows, where each version is a test row of its own',
      testVersions,
    );
  }
  for (const name of trainVersions === 'all' ? [] : trainVersions) {
    if (!Object.hasOwn(versions, name)) {
      throw new InvalidArgumentError(
        'dataset.trainVersions',
        `all, or some of features.versions (${Object.keys(versions).join(', ')})`,
        name,
      );
    }
  }
}

function checkFeatures(features: ExperimentConfig['features']) {
  try {
    return featureConfig(features);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`features.${error.parameter}`, error.rule, error.value);
  }
}
