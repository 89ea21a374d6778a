import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { InvalidFileError, messageOf, WorkbenchError } from '../core/base';
import { instantiateKernel } from '../core/dsp';
import { createFrontEnd, type FrontEnd } from '../core/features';
import type { Engine } from '../core/network';
import {
  filesInInventory,
  inventoryFile,
  maxModelFileBytes,
  type Model,
  modelFromFiles,
  openModelFiles,
} from '../core/prediction';

/**
 * Starts TensorFlow.js's WebAssembly backend in a browser.
 *
 * @param assets - address of the folder that holds `tfjs-backend-wasm.wasm` and `tfjs-backend-wasm-simd.wasm`, with a trailing slash
 * @throws {@link WorkbenchError} if the backend does not start
 * @example
 * ```ts
 * const engine = await loadEngine('/assets/');
 * ```
 */
export async function loadEngine(assets: string): Promise<Engine> {
  setWasmPaths(assets);
  // One thread: several need a worker from a blob, which a strict Content-Security-Policy forbids, and gain little for small networks.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const started = await tf.setBackend('wasm').catch(() => false);
  if (!started) throw new WorkbenchError(`TensorFlow.js's WebAssembly backend did not start from ${assets}`);
  return { name: 'wasm', tf, version: `TensorFlow.js ${tf.version_core} on WebAssembly`, threads: 1 };
}

/**
 * Loads a saved model from a server. Each file is checked against its SHA-256; nothing in them is executed.
 *
 * @param folder - address of the model folder, without a trailing slash
 * @throws {@link InvalidFileError} that names the file and states whether it is missing, damaged, of another version or inconsistent
 * @example
 * ```ts
 * const model = await fetchModel(engine, '/models/speakers');
 * ```
 */
export async function fetchModel(engine: Engine, folder: string): Promise<Model> {
  const inventory = await fetchModelFile(`${folder}/${inventoryFile}`);
  const files = new Map([[inventoryFile, inventory]]);
  let names: string[];
  try {
    names = filesInInventory(inventory).filter((name) => !name.endsWith('.md'));
  } catch (error) {
    throw new InvalidFileError(`${folder}/${inventoryFile}`, messageOf(error));
  }
  const contents = await Promise.all(names.map((name) => fetchModelFile(`${folder}/${name}`)));
  for (const [i, name] of names.entries()) files.set(name, contents[i]);
  return modelFromFiles(
    engine,
    openModelFiles(folder, (name) => {
      const content = files.get(name);
      if (!content) throw new InvalidFileError(`${folder}/${name}`, 'it is missing');
      return content;
    }),
  );
}

/**
 * Loads the signal functions: the SIMD kernel, or plain TypeScript in a browser without WebAssembly SIMD.
 *
 * @param kernel - address of `kernel.wasm`
 * @throws {@link InvalidFileError} if it cannot be fetched
 * @example
 * ```ts
 * const predictor = createPredictor(model, engine, { frontEnd: await fetchFrontEnd('/assets/kernel.wasm') });
 * ```
 */
export async function fetchFrontEnd(kernel: string): Promise<FrontEnd> {
  return createFrontEnd(await instantiateKernel(await fetchBytes(kernel)));
}

const fetchModelFile = (address: string): Promise<Uint8Array<ArrayBuffer>> =>
  fetchBytes(address, maxModelFileBytes(address));

/** @param most - size after which the transfer is stopped; default no limit */
async function fetchBytes(address: string, most = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server returned status ${response.status}`);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
      parts.push(part.value);
      size += part.value.length;
      if (size <= most) continue;
      await reader!.cancel();
      throw new Error(`it must have at most ${most / 1e6} MB`);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  } catch (error) {
    throw new InvalidFileError(address, `it cannot be fetched: ${messageOf(error)}`);
  }
}
