import { messageOf } from '../core/base';
import { ensureData } from './ensure-data';
import { ensureSetup } from './setup';
import { stopSignal } from './stop-signal';

/**
 * Makes engine, library and data ready before a command. What is said meanwhile goes to stderr: stdout is the command's own, one
 * JSON object for example.
 *
 * @param command - takes the signal of Ctrl-C
 * @param options.needsNothing - it only reads what is written down, and begins at once
 * @returns the command's exit code, or 1 if it could not begin
 */
export async function whenReady(
  command: (signal: AbortSignal) => Promise<number>,
  { needsNothing = false } = {},
): Promise<number> {
  const signal = stopSignal();
  if (needsNothing) return command(signal);
  const { log } = console;
  console.log = console.error;
  try {
    await ensureSetup();
    await ensureData();
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  } finally {
    console.log = log;
  }
  return command(signal);
}
