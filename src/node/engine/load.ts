import { dirname, join, sep } from 'node:path';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import { type Engine, type EngineName, engineNames, type TensorFlow } from '../../core/network';
import { mendMaxPoolGradient, registerConv2DBackpropFilter } from '../../core/network/wasm-kernels';
import { loadNative } from './native';
import { readEngineRecord } from './record';

const loading = new Map<EngineName, Promise<Engine>>();

/**
 * Loads TensorFlow: the native engine where set-up found one that works, else WebAssembly.
 *
 * @param choice - force an engine; by default `SER_ENGINE`, or the best there is
 * @throws {@link InvalidArgumentError} if the choice is no engine's name
 * @throws {@link WorkbenchError} if a forced engine cannot run here, with the reason and the remedy
 */
export async function loadEngine(choice = process.env.SER_ENGINE): Promise<Engine> {
  const forced = parseEngineName(choice);
  if (forced === 'wasm') return loadOnce('wasm');
  const record = readEngineRecord();
  if (forced === undefined && record?.engine === 'wasm') return loadOnce('wasm');
  try {
    return await loadOnce('native');
  } catch (error) {
    if (forced === undefined) return loadOnce('wasm');
    const tried = record?.attempts.length ? ` Set-up tried: ${record.attempts.join('; ')}.` : '';
    throw new WorkbenchError(
      `SER_ENGINE=native, but TensorFlow's native engine does not load here: ${firstLine(messageOf(error))}.${tried} ` +
        'Run `npm run setup`, or set SER_ENGINE=wasm.',
    );
  }
}

/**
 * Checks an engine's name, as given in `SER_ENGINE`.
 *
 * @returns undefined for an unset or empty choice
 * @throws {@link InvalidArgumentError} if it is no engine's name
 */
export function parseEngineName(choice: string | undefined): EngineName | undefined {
  if (!choice) return undefined;
  const name = engineNames.find((candidate) => candidate === choice);
  if (!name) throw new InvalidArgumentError('SER_ENGINE', engineNames.join(' or '), choice);
  return name;
}

async function loadOnce(name: EngineName): Promise<Engine> {
  let engine = loading.get(name);
  if (!engine) {
    engine = name === 'native' ? Promise.resolve().then(loadNative) : loadWasm();
    loading.set(name, engine);
    engine.catch(() => loading.delete(name));
  }
  const { tf } = await engine;
  await tf.setBackend(name === 'native' ? 'tensorflow' : 'wasm'); // the other may have been loaded in between
  return engine;
}

const firstLine = (text: string): string => text.split('\n')[0].replace(/\.\s*$/, '');

/**
 * Loads TensorFlow.js's WebAssembly backend, adds the one gradient kernel that convolutional networks lack there,
 * mends the one that is wrong, and makes it the current backend. It uses one thread in Node.
 *
 * @throws if the backend cannot start
 */
export async function loadWasm(): Promise<Engine> {
  const tf: TensorFlow = await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), sep));
  registerConv2DBackpropFilter(tf, 'wasm');
  if (!(await tf.setBackend('wasm')))
    throw new Error('the WebAssembly backend of TensorFlow.js did not start');
  mendMaxPoolGradient(tf); // once the backend has set its own kernels up
  return {
    name: 'wasm',
    tf,
    version: `TensorFlow.js ${tf.version_core} on WebAssembly`,
    threads: 1,
  };
}
