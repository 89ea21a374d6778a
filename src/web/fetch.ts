import { InvalidFileError, messageOf } from '../core/base';
import { instantiateKernel } from '../core/dsp';
import { createFrontEnd, type FrontEnd } from '../core/features';
import type { Engine } from '../core/network';
import {
  inventoryFile,
  type Model,
  modelFromFiles,
  openModelFiles,
  filesInInventory,
} from '../core/prediction';

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
  const inventory = await fetchBytes(`${folder}/${inventoryFile}`);
  const files = new Map([[inventoryFile, inventory]]);
  const names = filesInInventory(inventory).filter((name) => !name.endsWith('.md'));
  const contents = await Promise.all(names.map((name) => fetchBytes(`${folder}/${name}`)));
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

async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server returned status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new InvalidFileError(address, `it cannot be fetched: ${messageOf(error)}`);
  }
}
