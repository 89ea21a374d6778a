import { WorkbenchError } from '../core/base';
import type { EngineName } from '../core/network';
import { isDemoCorpusCurrent, locateData } from '../node/corpora';
import { setUpEngine } from '../node/engine';
import { paths } from '../node/files';
import { defineCommand } from './command';
import { runData } from './data';
import { flag, option, userPath } from './options';
import { buildLibrary } from '../node/build';
import { runAsProgram } from './program';

export const setupCommand = defineCommand('npm run setup', {
  summary: 'Find the best TensorFlow for this machine and compile the library.',
  details:
    'If an earlier setup chose WebAssembly, npm run setup looks for native TensorFlow again. SER_ENGINE=native or SER_ENGINE=wasm selects the engine.',
  options: {
    retry: flag('look for native TensorFlow again (npm run setup passes this option)'),
    python: option('PATH', 'a Python with TensorFlow, for example one for GPUs: use its library', (value) =>
      value.includes('/') ? userPath(value) : value,
    ),
  },
  run: async (options) => {
    await ensureSetup(options);
    return 0;
  },
});
export const runSetup = setupCommand.run;

/**
 * Sets up the engine and compiles the library, if not yet done, and prints which engine is used and why.
 *
 * @param options.retry - look for a native engine again even if an earlier setup chose WebAssembly
 * @param options.python - a Python; its TensorFlow is used
 * @returns the engine
 * @throws {@link WorkbenchError} if a forced engine is not available or the library does not compile
 */
export async function ensureSetup({
  retry = false,
  python,
}: { retry?: boolean; python?: string } = {}): Promise<EngineName> {
  const log = (line: string): void => {
    console.log(`engine: ${line}`);
  };
  const { engine, why } = await setUpEngine({ retry, python, log });
  log(why);
  const { built, durationSec, problems } = await buildLibrary();
  if (problems.length > 0) throw new WorkbenchError(`src/ does not compile:\n${problems.join('\n')}`);
  if (built) console.log(`library: compiled in ${durationSec.toFixed(1)} s`);
  return engine;
}

/**
 * Creates the synthetic demo corpus if no corpus is installed.
 *
 * @returns the data that notebooks and commands will use
 */
export async function ensureData(): Promise<{ description: string; isDemo: boolean }> {
  const { root, reason } = locateData();
  if (root !== paths.demo) return { description: `the recordings in ${reason}`, isDemo: false };
  const description = 'the synthetic demo corpus';
  if (!isDemoCorpusCurrent(paths.demo)) {
    console.log(`data: creating ${description} (${reason})`);
    if ((await runData(['demo'])) !== 0) throw new WorkbenchError('the demo corpus could not be created');
  }
  return { description, isDemo: true };
}

/** Sets up engine, library and data, which commands need for training. */
export async function prepareWorkbench(): Promise<EngineName> {
  const engine = await ensureSetup();
  await ensureData();
  return engine;
}

if (require.main === module) {
  runAsProgram(runSetup);
}
