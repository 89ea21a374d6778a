import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import type { ModelConfig } from '../../core/config';
import {
  baselineKinds,
  type Classifier,
  classifierOf,
  type ClassifierState,
  knnClassifier,
  majorityClassifier,
  type ClassifierMethod,
  restoreClassifier,
  type StateOf,
  type TensorFlow,
} from '../../core/network';
import { startWorker } from '../files';
import type { SvmProblem, SvmResults, SvmTask } from './svm-worker';

const rule = `one of ${baselineKinds.join(', ')}`;

/**
 * Creates the classifier of a model config that is not a network.
 *
 * @throws {@link InvalidArgumentError} if `kind` is a network
 */
export function createBaseline(
  { kind, neighbours, svmC, svmGamma }: Pick<ModelConfig, 'kind' | 'neighbours' | 'svmC' | 'svmGamma'>,
  tf: TensorFlow,
): Classifier {
  if (kind === 'knn') return knnClassifier({ tf, neighbours });
  if (kind === 'svm') return svmClassifier({ c: svmC, gamma: svmGamma });
  if (kind === 'majority') return majorityClassifier();
  throw new InvalidArgumentError('model.kind', rule, kind);
}

/**
 * Restores a fitted classifier from its `toJSON`.
 *
 * @throws {@link InvalidArgumentError} if its kind is unknown or its parts are inconsistent
 */
export function restoreBaseline(state: ClassifierState, tf: TensorFlow): Classifier {
  if (state.kind === 'svm') return restoreSvm(state);
  if (baselineKinds.includes(state.kind)) return restoreClassifier(state, tf);
  throw new InvalidArgumentError('kind', rule, (state as { kind: unknown }).kind);
}

/** Options of {@link svmClassifier}. */
export interface SvmOptions {
  /** penalty of misclassified rows; default 1 */
  c?: number;
  /** the kernel is exp(−gamma · |a − b|²); `scale`: 1 / (columns · variance of all values); default `scale` */
  gamma?: number | 'scale';
}

/** LIBSVM uses 16 bytes per value, and WebAssembly memory is limited to 2 GB. */
const maxValues = 80e6;

/**
 * A support vector machine with an RBF kernel (LIBSVM 3.22, Chang and Lin 2011; package libsvm-js), one-vs-one, with probabilities
 * by pairwise coupling (Wu, Lin and Weng 2004).
 *
 * Runs in a worker thread, so that it can be interrupted. Training time is quadratic in the number of rows: seconds for 1,000 rows
 * of functionals, minutes for 10,000.
 *
 * @throws {@link InvalidArgumentError} from `fit` if all rows have the same class, or there are too many values for LIBSVM's memory
 */
export function svmClassifier({ c = 1, gamma = 'scale' }: SvmOptions = {}): Classifier {
  if (!(c > 0 && c < Infinity)) throw new InvalidArgumentError('c', 'a positive number', c);
  if (gamma !== 'scale' && !(gamma > 0 && gamma < Infinity)) {
    throw new InvalidArgumentError('gamma', 'a positive number, or scale', gamma);
  }
  return classifierOf(machine(c, gamma));
}

/** @throws {@link InvalidArgumentError} if the model text is incomplete or of another kind */
function restoreSvm(state: StateOf<'svm'>): Classifier {
  const { model, classes } = state;
  const end = model.indexOf('\nSV\n');
  const header = new Map(
    model
      .slice(0, Math.max(end, 0))
      .split('\n')
      .map((line) => [line.split(' ')[0], line.split(' ').slice(1)]),
  );
  const rows = model.slice(end).trim().split('\n').length - 1;
  const isComplete =
    header.get('svm_type')?.[0] === 'c_svc' &&
    header.get('kernel_type')?.[0] === 'rbf' &&
    header.get('label')?.every((label) => Number(label) >= 0 && Number(label) < classes) &&
    header.has('probB') &&
    header.get('total_sv')?.[0] === String(rows) &&
    model.endsWith('\n');
  if (!isComplete) {
    const rule = `a complete LIBSVM model with probabilities of ${classes} classes`;
    throw new InvalidArgumentError('model', rule, model.slice(0, 40));
  }
  return classifierOf(machine(state.c, state.gamma), state);
}

function machine(c: number, gamma: number | 'scale'): ClassifierMethod<StateOf<'svm'>> {
  return {
    kind: 'svm',
    fit: async (rows, signal) => {
      const { x, rowSize, labels, classes } = rows;
      if (labels.every((label) => label === labels[0])) {
        throw new InvalidArgumentError('labels', 'of at least two classes', labels[0]);
      }
      if (x.length > maxValues) {
        const rule = `at most ${maxValues} values for an SVM; use functionals, which have fewer columns`;
        throw new InvalidArgumentError('x', rule, x.length);
      }
      const width = gamma === 'scale' ? 1 / (rowSize * (variance(x) || 1)) : gamma;
      const { model } = await runTask({ task: 'fit', ...rows, c, gamma: width }, signal);
      return { kind: 'svm', rowSize, classes, c, gamma: width, model };
    },
    predict: async ({ model, rowSize, classes }, x, signal) => {
      const { probabilities } = await runTask({ task: 'predict', model, x, rowSize, classes }, signal);
      return probabilities;
    },
    toState: (state) => state,
  };
}

async function runTask<Task extends SvmTask>(
  task: Task,
  signal?: AbortSignal,
): Promise<SvmResults[Task['task']]> {
  const thread = startWorker(__dirname, 'svm-worker', task);
  let stop: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      stop = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop);
      thread.on('message', (result: SvmResults[Task['task']] | SvmProblem) => {
        if ('problem' in result) reject(new WorkbenchError(`the SVM failed: ${result.problem}`));
        else resolve(result);
      });
      thread.on('error', reject);
      thread.on('exit', (code) => {
        reject(new WorkbenchError(`the SVM's worker thread stopped with code ${code}`));
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
