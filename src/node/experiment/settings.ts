import { type OptionValues, settingsFromEnvironment as settingsIn } from '../../core/config/index';

/**
 * Parses the option values in the environment variable `SER_SET`, such as `SER_SET="training.epochs=3 model.width=64"`. Notebooks
 * use it so that their config can be changed without editing them.
 *
 * @param environment - default `process.env`
 * @throws InvalidArgumentError if an option is unknown or a value breaks its rule
 * @example
 * ```ts
 * const config = experimentConfig('compact', settingsFromEnvironment());
 * ```
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OptionValues {
  return settingsIn(environment);
}
