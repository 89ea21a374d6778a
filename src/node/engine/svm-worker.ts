import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../core/base';
import type { TrainingRows } from '../../core/network';

/** What a thread is started for. */
export type SvmTask =
  | ({ task: 'fit'; c: number; gamma: number } & TrainingRows)
  | { task: 'predict'; model: string; x: Float32Array; rowSize: number; classes: number };

/** What it gives back: LIBSVM's text of the model, or probabilities, shape [rows, classes]. */
export interface SvmResults {
  fit: { model: string };
  predict: { probabilities: Float32Array };
}
export interface SvmProblem {
  problem: string;
}

/**
 * Runs LIBSVM once. It keeps random numbers, memory and a handler that ends its process on a rejected promise: a thread for each
 * task gives the same numbers always, all memory back, and the rest of the program its peace.
 */
async function main(port: NonNullable<typeof parentPort>, task: SvmTask): Promise<void> {
  // Else it tries to fetch its own code by HTTP, fails and says so on the terminal.
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

/** Its own `load` passes the text on its stack, which is too small for a real model. */
async function loadModel(text: string): Promise<number> {
  const { default: libsvm } = await import('libsvm-js/out/wasm/libsvm.js');
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  const place = libsvm._malloc(bytes.length);
  libsvm.HEAPU8.set(bytes, place);
  return libsvm.cwrap('deserialize_model', 'number', ['number'])(place);
}

if (parentPort) {
  const port = parentPort;
  main(port, workerData as SvmTask).catch((error: unknown) => {
    port.postMessage({ problem: messageOf(error) } satisfies SvmProblem);
  });
}
