import { parseArgs } from 'node:util';
import { setUpEngine } from '../engine';
import { messageOf } from '../errors';
import { build, isBuildStale } from './build';

/**
 * Makes the workbench ready to run: the best engine for this machine, and the compiled library. Says in one line which
 * engine and why, and does nothing where both are there already.
 *
 * @param options.retry - look for a native engine again where an earlier set-up settled for WebAssembly
 */
export async function ensureSetup({ retry = false } = {}): Promise<void> {
  const say = (line: string): void => {
    console.log(`engine: ${line}`);
  };
  say((await setUpEngine({ retry, say })).why);
  if (isBuildStale()) {
    console.log('compiling the library …');
    build();
  }
}

if (require.main === module) {
  const { values } = parseArgs({ options: { retry: { type: 'boolean', default: false } } });
  ensureSetup(values).catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
