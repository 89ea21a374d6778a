import type { ParseArgsConfig } from 'node:util';
import {
  type ExperimentConfig,
  experimentConfig,
  type OptionValues,
  parseSettings,
  type PresetName,
  settingsFromEnvironment,
} from '../core/config';
import { listOf } from './list-of';

/** The options by which every command that trains is told the experiment's config. */
export const configOptions = {
  preset: { type: 'string', default: 'compact' },
  set: { type: 'string', multiple: true, default: [] },
  corpora: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/**
 * The config that is asked for: the preset, changed by `SER_SET`, by `--set`, and by options that have names of their own.
 *
 * @param named - of the command alone
 * @throws InvalidArgumentError if there is no such preset or option, or a value breaks its rule
 */
export function configFrom(
  { preset, set, corpora }: { preset: string; set: readonly string[]; corpora?: string },
  named: OptionValues = {},
): ExperimentConfig {
  return experimentConfig(
    preset as PresetName,
    settingsFromEnvironment(process.env),
    parseSettings(set),
    { ...(corpora !== undefined && { corpora: listOf(corpora) }) },
    named,
  );
}
