import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from '../core/base';

/** A mistake on the command line: the answer is the reason and the help. */
export class UsageError extends Error {}

/** Reads the options of a command. @throws {@link UsageError} if there is one that it does not know, or one lacks its value */
export function parseOptions<const Config extends ParseArgsConfig>(
  args: readonly string[],
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs({ ...config, args: [...args] }) as ReturnType<typeof parseArgs<Config>>;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** Says why a command failed, after a mistake on the command line with its help. @returns the exit code: 1, or 2 after such a mistake */
export function sayFailure(error: unknown, help: string): 1 | 2 {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n\n${help}` : messageOf(error));
  return isUsage ? 2 : 1;
}
