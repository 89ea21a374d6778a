import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type { Engine, TensorFlow } from '../../core/network';

interface NodeBackend {
  binding: { TF_Version: string };
}

/**
 * Loads tfjs-node on TensorFlow's C library and makes it the current backend.
 *
 * @throws if the native addon is missing or cannot be loaded here (`npm run setup` says why)
 */
export function loadNative(): Engine {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // else TensorFlow prints its CPU features on every start
  // Off by default on processors without AVX-512, where it is four times as fast all the same: its allocator keeps memory.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  restoreRemovedUtil();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only when chosen: it throws where there is no addon
  const tf = require('@tensorflow/tfjs-node') as TensorFlow & { version: Record<string, string> };
  // The type says that it may still be starting; with tfjs-node it is there at once.
  void tf.setBackend('tensorflow');
  const { binding } = tf.backend() as unknown as NodeBackend;
  return {
    name: 'native',
    tf,
    version: `TensorFlow ${binding.TF_Version} through tfjs-node ${tf.version['tfjs-node']}`,
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism(), // as TensorFlow reads it
  };
}

/** tfjs-node 4.22.0 calls functions that Node 23 removed (tensorflow/tfjs#8609). */
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

export function tfjsNodeVersion(): string {
  const text = readFileSync(join(tfjsNodeDirectory(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Where tfjs-node looks for its native addon: for N-API 8, which every supported Node has. */
export function nativeAddonPath(): string {
  return join(tfjsNodeDirectory(), 'lib', 'napi-v8', 'tfjs_binding.node');
}
