import { dirname, join, sep } from 'node:path';
import type { Engine, TensorFlow } from '../../core/network';
import { registerConv2DBackpropFilter } from './wasm-conv2d-backprop-filter';
import { mendMaxPoolGradient } from './wasm-max-pool-gradient';

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
