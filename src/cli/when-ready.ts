import { messageOf } from '../errors';
import { ensureData } from './ensure-data';
import { ensureSetup } from './setup';

/**
 * Makes engine, library and data ready before a command. What is said meanwhile goes to stderr: stdout is the command's own, one
 * JSON object for example.
 *
 * @param command - its signal is aborted by the first Ctrl-C; the second one ends the process
 * @returns the command's exit code, or 1 if it could not begin
 */
export async function whenReady(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
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
  return command(stop.signal);
}
