import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { Engine, TensorFlow } from '../../core/network';

interface NodeBackend {
  binding: { TF_Version: string };
  isUsingGpuDevice: boolean;
}

/**
 * Loads and activates tfjs-node with TensorFlow's C library.
 *
 * @throws if the native addon is missing or cannot be loaded here (`npm run setup` shows the reason)
 */
export function loadNative(): Engine {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // otherwise TensorFlow prints its CPU features on every start
  // oneDNN is off by default on processors without AVX-512, but four times as fast there too, because its allocator reuses memory.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'; // otherwise the first process takes all memory of a GPU
  restoreRemovedUtil();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only when chosen, because it throws without the addon
  const tf = require('@tensorflow/tfjs-node') as TensorFlow & { version: Record<string, string> };
  // Declared as asynchronous; tfjs-node activates it synchronously.
  void tf.setBackend('tensorflow');
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as NodeBackend;
  const device = isUsingGpuDevice ? ' on a GPU' : '';
  return {
    name: 'native',
    tf,
    version: `TensorFlow ${binding.TF_Version} through tfjs-node ${tf.version['tfjs-node']}${device}`,
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(), // like TensorFlow
  };
}

/** Restores functions that Node 23 removed and tfjs-node 4.22.0 calls (tensorflow/tfjs#8609). */
function restoreRemovedUtil(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, replacement] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: replacement, configurable: true });
  }
}

/** The folder of the installed tfjs-node package. */
export function tfjsNodeDirectory(): string {
  return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
}

/** The version of the installed tfjs-node package. */
export function tfjsNodeVersion(): string {
  const text = readFileSync(join(tfjsNodeDirectory(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Where tfjs-node looks for its native addon, built for N-API 8, which every supported Node version has. */
export function nativeAddonPath(): string {
  return join(tfjsNodeDirectory(), 'lib', 'napi-v8', 'tfjs_binding.node');
}
