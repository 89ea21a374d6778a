import { parseArgs } from 'node:util';
import { setUpEngine } from '../engine';
import { messageOf, WorkbenchError } from '../errors';
import { buildLibrary } from '../notebook';

/**
 * Makes the workbench ready to run: the best engine for this machine, and the compiled library. Says in one line which
 * engine and why, and does nothing where both are there already.
 *
 * @param options.retry - look for a native engine again where an earlier set-up settled for WebAssembly
 * @throws {@link WorkbenchError} if a forced engine can't be had, or the library does not compile
 */
export async function ensureSetup({ retry = false } = {}): Promise<void> {
  const say = (line: string): void => {
    console.log(`engine: ${line}`);
  };
  say((await setUpEngine({ retry, say })).why);
  const { built, durationSec, problems } = await buildLibrary();
  if (problems.length > 0) throw new WorkbenchError(`src/ does not compile:\n${problems.join('\n')}`);
  if (built) console.log(`library: compiled in ${durationSec.toFixed(1)} s`);
}

if (require.main === module) {
  const { values } = parseArgs({ options: { retry: { type: 'boolean', default: false } } });
  ensureSetup(values).catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
