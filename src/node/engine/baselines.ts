import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import type { ModelConfig } from '../../core/config';
import {
  baselineKinds,
  checkState,
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

/** @throws {@link InvalidArgumentError} if the model text is incomplete or of another kind, or a number is out of range */
function restoreSvm(state: StateOf<'svm'>): Classifier {
  checkState(state);
  const { c, gamma, model, rowSize, classes } = state;
  for (const [name, value] of Object.entries({ c, gamma }))
    if (!(typeof value === 'number' && value > 0 && value < Infinity))
      throw new InvalidArgumentError(name, 'a positive number', value);
  const wrong = isText(model) ? modelProblem(model, rowSize, classes) : 'it must be a string';
  if (wrong !== undefined) {
    const rule = `a complete LIBSVM model with probabilities of ${classes} classes (${wrong})`;
    throw new InvalidArgumentError('model', rule, isText(model) ? model.slice(0, 40) : model);
  }
  return classifierOf<StateOf<'svm'>>(machine(c, gamma), { kind: 'svm', rowSize, classes, c, gamma, model });
}

const decimal = /^-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?$/;
const isNumber = (text: string): boolean => decimal.test(text) && Number.isFinite(Number(text));
const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (text: string): boolean => /^\d{1,9}$/.test(text);

/**
 * Checks the text of a model completely, because LIBSVM, which is written in C++, does not: with a wrong number of coefficients or an
 * index out of range, it would read out of bounds.
 *
 * @returns what is wrong; undefined if nothing is
 */
function modelProblem(model: string, rowSize: number, classes: number): string | undefined {
  if (!model.endsWith('\n')) return 'the last line must be complete';
  const lines = model.slice(0, -1).split('\n');
  const read = (line: number, name: string): string[] | undefined => {
    const [key, ...values] = (lines.at(line) ?? '').trimEnd().split(' ');
    return key === name ? values : undefined;
  };
  const kinds = read(0, 'svm_type')?.join() === 'c_svc' && read(1, 'kernel_type')?.join() === 'rbf';
  if (!kinds) return 'svm_type must be c_svc, kernel_type rbf';
  const gamma = read(2, 'gamma');
  if (gamma?.length !== 1 || !isNumber(gamma[0]) || !(Number(gamma[0]) >= 0)) return 'gamma must be a number';
  const count = Number(read(3, 'nr_class')?.join());
  if (!Number.isSafeInteger(count) || count < 2 || count > classes) return `nr_class must be 2 to ${classes}`;
  const labels = read(6, 'label');
  const isLabel = (text: string): boolean => isCount(text) && Number(text) < classes;
  if (labels?.length !== count || !labels.every(isLabel) || new Set(labels.map(Number)).size < count)
    return `label must list ${count} different classes`;
  for (const [line, name] of [
    [5, 'rho'],
    [7, 'probA'],
    [8, 'probB'],
  ] as const) {
    const values = read(line, name);
    if (values?.length !== (count * (count - 1)) / 2 || !values.every(isNumber))
      return `${name} must list a number for each pair of classes`;
  }
  const vectors = lines.length - 11;
  const perClass = read(9, 'nr_sv');
  const sum = perClass?.every(isCount) ? perClass.reduce((total, text) => total + Number(text), 0) : NaN;
  if (perClass?.length !== count || sum !== vectors || vectors < 1)
    return 'nr_sv must count the lines after SV';
  if (read(4, 'total_sv')?.join() !== String(vectors) || lines[10] !== 'SV')
    return 'total_sv must count the lines after SV';
  for (let i = 11; i < lines.length; i++) {
    const cells = lines[i].trimEnd().split(' ');
    const values = cells.slice(count - 1).map((cell) => cell.split(':'));
    let last = 0;
    const isLine =
      cells.length >= count - 1 &&
      cells.slice(0, count - 1).every(isNumber) &&
      values.every(([index, value = '', ...more]) => {
        const isNext = isCount(index) && Number(index) > last && Number(index) <= rowSize;
        last = Number(index);
        return isNext && isNumber(value) && more.length === 0;
      });
    if (!isLine) return `line ${i + 1} must have ${count - 1} coefficients and the values of a row`;
  }
  return undefined;
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
