import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { WorkbenchError } from '../core/base';
import type { Engine } from '../core/network';

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
