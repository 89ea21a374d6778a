import { WorkbenchError } from '../core/base';
import type { EngineName } from '../core/network';
import { setUpEngine } from '../node/engine';
import { buildLibrary } from '../notebook';
import { runAsProgram } from './run-as-program';
import { parseOptions, sayFailure } from './usage-error';

const help = `npm run setup

  looks for the best TensorFlow for this machine, also where an earlier set-up settled for WebAssembly, and compiles the library.
  SER_ENGINE=native or SER_ENGINE=wasm forces one`;

/**
 * Makes the workbench ready to run: the best engine for this machine, and the compiled library. Says in one line which
 * engine and why, and does nothing where both are there already.
 *
 * @param options.retry - look for a native engine again where an earlier set-up settled for WebAssembly
 * @returns the engine's name
 * @throws {@link WorkbenchError} if a forced engine can't be had, or the library does not compile
 */
export async function ensureSetup({ retry = false } = {}): Promise<EngineName> {
  const say = (line: string): void => {
    console.log(`engine: ${line}`);
  };
  const { engine, why } = await setUpEngine({ retry, say });
  say(why);
  const { built, durationSec, problems } = await buildLibrary();
  if (problems.length > 0) throw new WorkbenchError(`src/ does not compile:\n${problems.join('\n')}`);
  if (built) console.log(`library: compiled in ${durationSec.toFixed(1)} s`);
  return engine;
}

/** Runs the command. @returns the exit code: 0, 1 when it failed, 2 for a wrong call */
async function runSetup(args: readonly string[]): Promise<number> {
  try {
    const options = { retry: { type: 'boolean', default: false } } as const;
    await ensureSetup(parseOptions(args, { options }).values);
    return 0;
  } catch (error) {
    return sayFailure(error, help);
  }
}

if (require.main === module) {
  runAsProgram(help, runSetup);
}
