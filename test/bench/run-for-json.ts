import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { WorkbenchError } from '../../src/core/base';

/**
 * Runs a program that prints a JSON object in its last line.
 *
 * @param options.env - added to the environment
 * @param options.input - for its standard input
 * @throws {@link WorkbenchError} with the last line of what it says, if it fails; what Node throws, if it cannot be started
 */
export async function runForJson(
  command: string,
  args: readonly string[],
  { env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<unknown> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  child.stdin.on('error', () => undefined); // it ended early: its exit code and words say why
  child.stdin.end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [out, err] = await Promise.race([ended, failure]);
  if (child.exitCode !== 0)
    throw new WorkbenchError(`${command} failed: ${err.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(out.trim().split('\n').at(-1)!);
}
