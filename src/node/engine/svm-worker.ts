import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../core/base';
import type { TrainingRows } from '../../core/network';

/** The task of a worker thread. */
export type SvmTask =
  | ({ task: 'fit'; c: number; gamma: number } & TrainingRows)
  | { task: 'predict'; model: string; x: Float32Array; rowSize: number; classes: number };

/** Result of each task: the model as text, or probabilities of shape [rows, classes]. */
export interface SvmResults {
  fit: { model: string };
  predict: { probabilities: Float32Array };
}

/** Sent instead of a result if the task fails. */
export interface SvmProblem {
  problem: string;
}

/**
 * Runs one LIBSVM task. Each task gets its own thread, because LIBSVM keeps random state and memory between calls, and installs a
 * handler that ends the process on a rejected promise.
 */
async function main(port: NonNullable<typeof parentPort>, task: SvmTask): Promise<void> {
  // With fetch, it tries to load its code by HTTP and prints an error.
  Reflect.deleteProperty(globalThis, 'fetch');
  const { default: loading } = await import('libsvm-js');
  const Svm = await loading;
  if (task.task === 'fit') {
    const { c, gamma, x, rowSize, labels } = task;
    const svm = new Svm({ cost: c, gamma, probabilityEstimates: true, cacheSize: 400, quiet: true });
    svm.train(rowsOf(x, rowSize), labels);
    port.postMessage({ model: svm.serializeModel() } satisfies SvmResults['fit']);
  } else {
    const svm = new Svm();
    svm.model = await loadModel(task.model);
    const probabilities = new Float32Array((task.x.length / task.rowSize) * task.classes);
    for (const [row, values] of rowsOf(task.x, task.rowSize).entries()) {
      for (const { label, probability } of svm.predictOneProbability(values).estimates) {
        probabilities[row * task.classes + label] = probability;
      }
    }
    port.postMessage({ probabilities } satisfies SvmResults['predict']);
  }
}

function rowsOf(x: Float32Array, rowSize: number): Float32Array[] {
  return Array.from({ length: x.length / rowSize }, (_, row) =>
    x.subarray(row * rowSize, (row + 1) * rowSize),
  );
}

/** LIBSVM's own `load` passes the text on the stack, which is too small for real models. */
async function loadModel(text: string): Promise<number> {
  const { default: libsvm } = await import('libsvm-js/out/wasm/libsvm.js');
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  const address = libsvm._malloc(bytes.length);
  libsvm.HEAPU8.set(bytes, address);
  return libsvm.cwrap('deserialize_model', 'number', ['number'])(address);
}

if (parentPort) {
  const port = parentPort;
  main(port, workerData as SvmTask).catch((error: unknown) => {
    port.postMessage({ problem: messageOf(error) } satisfies SvmProblem);
  });
}
