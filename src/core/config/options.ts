import { InvalidArgumentError, nearestName } from '../base';
import { type FeatureConfig, featureConfig, paperFeatures } from '../features';
import type { ExperimentConfig, OptionPath } from './experiment';
import { rules } from './rules';

/** Every option by its path, in the order in which a config is printed. */
export const optionPaths: readonly OptionPath[] = [
  'corpora',
  ...(Object.keys(paperFeatures) as (keyof FeatureConfig)[]).map((key) => `features.${key}` as const),
  ...(Object.keys(rules) as (keyof typeof rules)[]).filter((path) => path !== 'corpora'),
];

/**
 * Checks that an option exists.
 *
 * @throws {@link InvalidArgumentError} that names the nearest option
 */
export function checkPath(path: string): asserts path is OptionPath {
  if ((optionPaths as readonly string[]).includes(path)) return;
  const inGroup = optionPaths.filter((known) => known.startsWith(`${path.split('.')[0]}.`));
  const near = nearestOf(path, inGroup) ?? nearestOf(path, optionPaths);
  const known = (inGroup.length > 0 ? inGroup : optionPaths).join(', ');
  throw new InvalidArgumentError(
    'an option',
    near ? `named otherwise: did you mean ${near}?` : `one of ${known}`,
    path,
  );
}

/** The option whose last part is nearest: `epoch` is near `training.epochs`. */
function nearestOf(path: string, candidates: readonly OptionPath[]): OptionPath | undefined {
  const lastPart = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  const near = nearestName(lastPart(path), candidates.map(lastPart));
  return candidates.find((candidate) => lastPart(candidate) === near);
}

/** @throws {@link InvalidArgumentError} if the value breaks the option's rule; features are checked all together */
export function checkValue(path: OptionPath, value: unknown): void {
  if (isFeature(path)) return;
  const { rule, holds } = rules[path];
  if (!holds(value)) throw new InvalidArgumentError(path, rule, value);
}

export function isFeature(path: OptionPath): path is `features.${keyof FeatureConfig}` {
  return path.startsWith('features.');
}

/** All options of a config with their values; of the features also those that are the paper's. */
export function optionsOf(config: Omit<ExperimentConfig, 'name'>): Map<OptionPath, unknown> {
  const whole = { ...config, features: featureConfig(config.features) };
  return new Map(optionPaths.map((path) => [path, valueAt(whole, path)]));
}

function valueAt(config: object, path: OptionPath): unknown {
  return path.split('.').reduce<unknown>((group, key) => (group as Record<string, unknown>)[key], config);
}
