import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { WorkbenchError } from '../../src/core/base';

/**
 * Runs a program and parses its last line of output as JSON.
 *
 * @param options.env - additional environment variables
 * @param options.input - text for stdin
 * @throws {@link WorkbenchError} with the last line of stderr, if the program fails; a system error, if it cannot be started
 */
export async function runForJson(
  command: string,
  args: readonly string[],
  { env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<unknown> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  child.stdin.on('error', () => undefined); // the program exited early: exit code and stderr explain why
  child.stdin.end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [out, err] = await Promise.race([ended, failure]);
  if (child.exitCode !== 0)
    throw new WorkbenchError(`${command} failed: ${err.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(out.trim().split('\n').at(-1)!);
}
