import { InvalidArgumentError, WorkbenchError } from '../errors';
import { startWorker } from '../start-worker';
import { type Classifier, classifierOf, type Method, type StateOf } from './classifier';
import type { SvmResult, SvmTask } from './svm-worker';

export interface SvmOptions {
  /** cost of a row on the wrong side; default 1 */
  c?: number;
  /** exp(-gamma · |a - b|²) is the kernel; `scale`, the default, is 1 / (columns · variance of all values) */
  gamma?: number | 'scale';
}

/** LIBSVM takes 16 bytes a value, and WebAssembly has 2 GB. */
const mostValues = 90e6;

/**
 * A support vector machine with a radial kernel (LIBSVM 3.22, Chang and Lin 2011; package libsvm-js), one against one, with
 * probabilities by pairwise coupling (Wu, Lin and Weng 2004).
 *
 * It runs on a thread of its own, so that it can be interrupted. Its time grows with the square of the rows: seconds for 1,000
 * rows of functionals, minutes for 10,000.
 *
 * @throws {@link InvalidArgumentError} from `fit` if all rows are of one class, or there are too many values for its memory
 */
export function svmClassifier({ c = 1, gamma = 'scale' }: SvmOptions = {}): Classifier {
  if (!(c > 0 && c < Infinity)) throw new InvalidArgumentError('c', 'a positive number', c);
  if (gamma !== 'scale' && !(gamma > 0 && gamma < Infinity)) {
    throw new InvalidArgumentError('gamma', 'a positive number, or scale', gamma);
  }
  return classifierOf(machine(c, gamma));
}

/** A classifier as its `toJSON` wrote it. @throws {@link InvalidArgumentError} if the model is not one of its kind */
export function restoreSvm(state: StateOf<'svm'>): Classifier {
  const header = state.model.slice(0, 1000);
  const isOurs =
    header.startsWith('svm_type c_svc\nkernel_type rbf\n') && /\nprobB .*\nnr_sv .*\nSV\n/s.test(header);
  const rows = Number(/\ntotal_sv (\d+)\n/.exec(header)?.[1]);
  const lines = state.model.split('\n').length - header.slice(0, header.indexOf('\nSV\n')).split('\n').length;
  if (!isOurs || lines !== rows + 2) {
    throw new InvalidArgumentError(
      'model',
      'a whole model of LIBSVM with probabilities',
      header.slice(0, 40),
    );
  }
  return classifierOf(machine(state.c, state.gamma), state);
}

function machine(c: number, gamma: number | 'scale'): Method<StateOf<'svm'>> {
  return {
    kind: 'svm',
    learn: async (rows, signal) => {
      const { x, rowSize, labels, classes } = rows;
      if (labels.every((label) => label === labels[0])) {
        throw new InvalidArgumentError('labels', 'of at least two classes', labels[0]);
      }
      if (x.length > mostValues) {
        const rule = `at most ${mostValues} values (for an SVM; functionals are far fewer)`;
        throw new InvalidArgumentError('x', rule, x.length);
      }
      const width = gamma === 'scale' ? 1 / (rowSize * (variance(x) || 1)) : gamma;
      const result = await runTask({ task: 'fit', ...rows, c, gamma: width }, signal);
      if (!('model' in result)) throw new Error('the SVM gave no model');
      return { kind: 'svm', rowSize, classes, c, gamma: width, model: result.model };
    },
    answer: async ({ model, rowSize, classes }, x, signal) => {
      const result = await runTask({ task: 'predict', model, x, rowSize, classes }, signal);
      if (!('probabilities' in result)) throw new Error('the SVM gave no probabilities');
      return result.probabilities;
    },
    toState: (state) => state,
  };
}

async function runTask(task: SvmTask, signal?: AbortSignal): Promise<SvmResult> {
  const thread = startWorker(__dirname, 'svm-worker', task);
  let stop: (() => void) | undefined;
  try {
    return await new Promise<SvmResult>((resolve, reject) => {
      stop = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop);
      thread.on('message', (result: SvmResult) => {
        if ('problem' in result) reject(new WorkbenchError(`The SVM failed: ${result.problem}`));
        else resolve(result);
      });
      thread.on('error', reject);
      thread.on('exit', (code) => {
        reject(new WorkbenchError(`The SVM's thread stopped with code ${code}.`));
      });
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    await thread.terminate();
  }
}

function variance(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return squares / values.length;
}
