import { type OptionValues, settingsFromEnvironment as settingsIn } from '../../core/config';

/**
 * Option values from the environment variable `SER_SET`, such as `SER_SET="training.epochs=3 model.width=64"`. They change the
 * config of a notebook that is run without anyone editing it.
 *
 * @throws InvalidArgumentError if an option is unknown or a value breaks its rule
 * @example
 * const config = experimentConfig('compact', settingsFromEnvironment());
 */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OptionValues {
  return settingsIn(environment);
}
