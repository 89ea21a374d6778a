import { readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import {
  type Engine,
  type EngineName,
  engineNames,
  registerWasmKernels,
  type TensorFlow,
} from '../../core/network';
import { projectRoot, writeFileAtomic } from '../files';
import { loadNative, nativeAddonPath } from './native';

const loading = new Map<EngineName, Promise<Engine>>();

/**
 * Loads TensorFlow: the native engine if setup found a working one, otherwise WebAssembly. Each engine is loaded once per process.
 *
 * @param choice - engine to use; default `SER_ENGINE`, or the fastest available
 * @throws {@link InvalidArgumentError} if the choice is not the name of an engine
 * @throws {@link WorkbenchError} if the chosen engine cannot run here, with reason and remedy
 * @example
 * ```ts
 * const engine = await loadEngine();
 * console.log(engine.version); // TensorFlow 2.21.0 through tfjs-node 4.22.0
 * ```
 */
export async function loadEngine(choice = process.env.SER_ENGINE): Promise<Engine> {
  const chosen = parseEngineName(choice);
  if (chosen === 'wasm') return loadOnce('wasm');
  const record = readEngineRecord();
  if (chosen === undefined && record?.engine === 'wasm') return loadOnce('wasm');
  try {
    return await loadOnce('native');
  } catch (error) {
    if (chosen === undefined) return loadOnce('wasm');
    const tried = record?.attempts.length ? ` Setup tried: ${record.attempts.join('; ')}.` : '';
    throw new WorkbenchError(
      `SER_ENGINE=native: the native engine of TensorFlow cannot be loaded: ${firstLine(messageOf(error))}.${tried} ` +
        'Run `npm run setup`, or set SER_ENGINE=wasm.',
    );
  }
}

/**
 * Parses the name of an engine, as given in `SER_ENGINE`.
 *
 * @returns undefined if unset or empty
 * @throws {@link InvalidArgumentError} if it is not the name of an engine
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
  // The other engine may have been activated since.
  await tf.setBackend(name === 'native' ? 'tensorflow' : 'wasm');
  return engine;
}

/** Loads and activates TensorFlow.js's WebAssembly backend, which uses one thread in Node. */
async function loadWasm(): Promise<Engine> {
  const tf: TensorFlow = await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), sep));
  if (!(await tf.setBackend('wasm')))
    throw new Error('the WebAssembly backend of TensorFlow.js did not start');
  registerWasmKernels(tf);
  return {
    name: 'wasm',
    tf,
    version: `TensorFlow.js ${tf.version_core} on WebAssembly`,
    threads: 1,
  };
}

const firstLine = (text: string): string => text.split('\n')[0].replace(/\.\s*$/, '');

/** Result of the engine setup. It is stored in node_modules, so that a reinstall removes it. */
export interface EngineRecord {
  engine: EngineName;
  /** one line of text: which engine, and why */
  why: string;
  /** failed attempts to set up the native engine, with reasons */
  attempts: string[];
  /** size of the native addon that was tried, to detect a different one */
  addonBytes?: number;
}

const recordPath = join(projectRoot, 'node_modules', '.cache', 'speech-emotion-workbench', 'engine.json');

/** The record of the last setup; undefined if there is none or the native addon has changed since. */
export function readEngineRecord(): EngineRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath, 'utf8')) as EngineRecord;
    return record.addonBytes === addonBytes() ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Stores the result of a setup. @see {@link readEngineRecord} */
export function writeEngineRecord(record: EngineRecord): Promise<void> {
  return writeFileAtomic(recordPath, JSON.stringify({ ...record, addonBytes: addonBytes() }, null, 2) + '\n');
}

function addonBytes(): number | undefined {
  return statSync(nativeAddonPath(), { throwIfNoEntry: false })?.size;
}
