import { canonicalHash, canonicalJson } from '../base';
import type { ExperimentConfig, OptionPath } from './experiment';
import { isFeature, optionsOf } from './options';
import { type PresetName, presets } from './presets';

/** An option that two configs do not agree on. */
export interface ConfigDifference {
  option: OptionPath;
  value: unknown;
  /** what it is in the other config */
  from: unknown;
}

/**
 * What differs between a config and another, by default the preset that it came from.
 *
 * @returns in the order of the options; empty if they are the same experiment
 */
export function configDifferences(
  config: ExperimentConfig,
  base: ExperimentConfig = presets[config.name as PresetName],
): ConfigDifference[] {
  const from = optionsOf(base);
  return [...optionsOf(config)]
    .map(([option, value]) => ({ option, value, from: from.get(option) }))
    .filter((difference) => canonicalJson(difference.value) !== canonicalJson(difference.from));
}

/**
 * A config's name for itself: two configs with the same options have the same, whatever preset they came from and whether an
 * option was left out or given its usual value.
 *
 * @returns 32 hex digits
 */
export function configHash(config: ExperimentConfig): string {
  const options = optionsOf(config);
  for (const [option, usual] of laterOptions) if (options.get(option) === usual) options.delete(option);
  return canonicalHash(Object.fromEntries(options));
}

/** Options that the first records did not have yet: at their usual value they leave a hash as it was. */
const laterOptions: readonly [OptionPath, unknown][] = [['dataset.testVersions', 'original']];

/**
 * A config as text, a line an option. Lines that differ from the preset start with `*` and say the preset's value; of the
 * features, only those that differ from the paper's are listed.
 */
export function formatConfig(config: ExperimentConfig): string {
  const changed = new Map(configDifferences(config).map((difference) => [difference.option, difference]));
  const lines = [`experiment from preset ${config.name}, hash ${configHash(config).slice(0, 8)}`];
  let openGroup = '';
  for (const [option, value] of optionsOf(config)) {
    const difference = changed.get(option);
    const isUsual = isFeature(option) && !Object.hasOwn(config.features, option.slice('features.'.length));
    if (isUsual && !difference) continue;
    const [first, ...rest] = option.split('.');
    if (rest.length > 0 && first !== openGroup) lines.push(`  ${first}`);
    openGroup = first;
    const name = rest.length > 0 ? `  ${rest.join('.')}` : first;
    const note = difference ? ` (preset: ${valueText(difference.from)})` : '';
    lines.push(`${difference ? '*' : ' '} ${name}: ${valueText(value)}${note}`);
  }
  return lines.join('\n');
}

/** A value as it can be written after `--set option=`. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',');
  return JSON.stringify(value);
}
