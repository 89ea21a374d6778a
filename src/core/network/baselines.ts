import type { Tensor2D } from '@tensorflow/tfjs';
import { InvalidArgumentError, WorkbenchError } from '../base';
import type { TensorFlow } from './network';

/** Kinds of model that are not networks. */
export const baselineKinds = ['knn', 'svm', 'majority'] as const;
export type BaselineKind = (typeof baselineKinds)[number];

/** A classifier of feature vectors. Rows should be scaled first, because distances and kernels depend on units. */
export interface Classifier {
  readonly kind: BaselineKind;
  /**
   * Fits the classifier, replacing any earlier fit.
   *
   * @param x - shape [rows, rowSize]
   * @param labels - class index of each row, from 0; shape [rows]
   * @param classes - number of classes, including those without rows
   * @throws {@link InvalidArgumentError} if shapes do not match, a value is not finite or a label is out of range
   * @throws the signal's reason, if aborted
   */
  fit(
    x: Float32Array,
    rowSize: number,
    labels: Int32Array,
    classes: number,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
  /**
   * @param x - shape [rows, rowSize]
   * @returns probabilities, shape [rows, classes]
   * @throws {@link WorkbenchError} if the classifier is not fitted
   * @throws {@link InvalidArgumentError} if the length of `x` is not a multiple of rowSize, or a value is not finite
   */
  predict(x: Float32Array, options?: { signal?: AbortSignal }): Promise<Float32Array>;
  /** The fitted state as plain data. */
  toJSON(): ClassifierState;
}

/** A fitted classifier as plain data. */
export type ClassifierState = { rowSize: number; classes: number } & (
  | {
      kind: 'knn';
      neighbours: number;
      labels: number[];
      /** float32, little-endian, in base64; shape [rows, rowSize] */
      x: string;
    }
  | {
      kind: 'svm';
      c: number;
      gamma: number;
      /** in the text format of LIBSVM model files */
      model: string;
    }
  | { kind: 'majority'; shares: number[] }
);
export type StateOf<K extends BaselineKind> = Extract<ClassifierState, { kind: K }>;

/** Validated training rows. */
export interface TrainingRows {
  x: Float32Array;
  rowSize: number;
  labels: Int32Array;
  classes: number;
}

/** The algorithm of a classifier; `Fitted` is its fitted state. */
export interface ClassifierMethod<Fitted extends { rowSize: number }> {
  kind: BaselineKind;
  fit: (rows: TrainingRows, signal?: AbortSignal) => Fitted | Promise<Fitted>;
  predict: (fitted: Fitted, x: Float32Array, signal?: AbortSignal) => Float32Array | Promise<Float32Array>;
  toState: (fitted: Fitted) => ClassifierState;
}

/**
 * Wraps a method as a classifier that validates its inputs.
 *
 * @param fitted - restored state; default not fitted
 */
export function classifierOf<Fitted extends { rowSize: number }>(
  { kind, fit, predict, toState }: ClassifierMethod<Fitted>,
  fitted?: Fitted,
): Classifier {
  const requireFitted = (): Fitted => {
    if (fitted) return fitted;
    throw new WorkbenchError(`the ${kind} classifier is not fitted: call fit first`);
  };
  return {
    kind,
    fit: async (x, rowSize, labels, classes, { signal } = {}) => {
      checkTrainingRows(x, rowSize, labels, classes);
      signal?.throwIfAborted();
      fitted = await fit({ x, rowSize, labels, classes }, signal);
    },
    predict: async (x, { signal } = {}) => {
      const state = requireFitted();
      checkRows(x, state.rowSize);
      signal?.throwIfAborted();
      return predict(state, x, signal);
    },
    toJSON: () => toState(requireFitted()),
  };
}

/** @throws {@link InvalidArgumentError} as described at `Classifier.fit` */
function checkTrainingRows(x: Float32Array, rowSize: number, labels: Int32Array, classes: number): void {
  if (!Number.isSafeInteger(rowSize) || rowSize < 1)
    throw new InvalidArgumentError('rowSize', 'a positive integer', rowSize);
  if (!Number.isSafeInteger(classes) || classes < 1)
    throw new InvalidArgumentError('classes', 'a positive integer', classes);
  if (labels.length === 0) throw new InvalidArgumentError('labels', 'a list with at least one row', []);
  if (x.length !== labels.length * rowSize) {
    const rule = `of length ${labels.length * rowSize} (${labels.length} labels × ${rowSize} values per row)`;
    throw new InvalidArgumentError('x', rule, x.length);
  }
  const wrong = labels.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined)
    throw new InvalidArgumentError('labels', `integers from 0 to ${classes - 1}`, wrong);
  checkRows(x, rowSize);
}

function checkRows(x: Float32Array, rowSize: number): void {
  if (x.length % rowSize !== 0) {
    throw new InvalidArgumentError('x', `of a length divisible by ${rowSize} (values per row)`, x.length);
  }
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / rowSize)}, column ${bad % rowSize}`;
    throw new InvalidArgumentError('x', `finite in every element (${place})`, x[bad]);
  }
}

/**
 * Restores a KNN or majority classifier from its saved state.
 *
 * @throws {@link InvalidArgumentError} if it is of another kind (SVM needs Node), or its parts are inconsistent
 */
export function restoreClassifier(state: ClassifierState, tf: TensorFlow): Classifier {
  if (state.kind === 'knn') return restoreKnn(state, tf);
  if (state.kind === 'majority') return restoreMajority(state);
  throw new InvalidArgumentError('kind', 'knn or majority', state.kind);
}

/** Number of distances computed at once: 64 MB. */
const distancesAtOnce = 16e6;

type FittedKnn = TrainingRows & { neighbours: number };

/**
 * K nearest neighbours by Euclidean distance (Cover and Hart 1967), with equal votes; ties in distance go to the earlier training row.
 *
 * The search is exact. It uses matrix products and `topk` of TensorFlow, which on the native engine is fast enough for the paper's
 * rows of 2,376 values. (npm's ml-knn does not return shares of votes and takes 13 ms for one row of 90 values among 4,000.)
 *
 * @param options - `tf` of the engine; `neighbours`, default 5
 * @throws {@link InvalidArgumentError} from `fit` if there are fewer rows than neighbours
 * @example
 * ```ts
 * const knn = knnClassifier({ tf, neighbours: 5 });
 * await knn.fit(x, rowSize, labels, 7);
 * const probabilities = await knn.predict(rows);
 * ```
 */
export function knnClassifier({ tf, neighbours = 5 }: { tf: TensorFlow; neighbours?: number }): Classifier {
  if (!Number.isSafeInteger(neighbours) || neighbours < 1) {
    throw new InvalidArgumentError('neighbours', 'a positive integer', neighbours);
  }
  return classifierOf(nearest(tf, neighbours));
}

function restoreKnn(state: StateOf<'knn'>, tf: TensorFlow): Classifier {
  const { neighbours, rowSize, classes, labels, x } = state;
  checkState(state);
  if (!isInteger(neighbours, 1, 10_000))
    throw new InvalidArgumentError('neighbours', 'an integer from 1 to 10000', neighbours);
  if (!Array.isArray(labels) || !labels.every((label) => isInteger(label, 0, classes - 1)))
    throw new InvalidArgumentError('labels', `a list of integers from 0 to ${classes - 1}`, labels);
  if (!isText(x) || !/^[A-Za-z0-9+/]*={0,2}$/.test(x))
    throw new InvalidArgumentError('x', 'numbers in base64', x);
  if (x.length !== 4 * Math.ceil((labels.length * rowSize * 4) / 3))
    throw new InvalidArgumentError(
      'x',
      `${labels.length} rows of ${rowSize} values in base64`,
      `${x.length} characters`,
    );
  const text = atob(x);
  const view = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i));
  const values = Float32Array.from({ length: text.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  const invalid = values.find((value) => !(Math.abs(value) <= maxValue));
  if (invalid !== undefined)
    throw new InvalidArgumentError('x', `at most ${maxValue} in every element`, invalid);
  const fitted = { x: values, rowSize, labels: Int32Array.from(labels), classes, neighbours };
  checkTrainingRows(values, rowSize, fitted.labels, classes);
  checkEnoughRows(fitted);
  return classifierOf(nearest(tf, neighbours), fitted);
}

/** Maximum magnitude of a value; the squared distances of larger values overflow. */
const maxValue = 1e15;

const isText = (value: unknown): boolean => typeof value === 'string';
const isInteger = (value: unknown, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

/** Checks the numbers that every saved classifier has. @throws {@link InvalidArgumentError} */
export function checkState({ rowSize, classes }: Pick<ClassifierState, 'rowSize' | 'classes'>): void {
  if (!isInteger(rowSize, 1, 1e7))
    throw new InvalidArgumentError('rowSize', 'an integer from 1 to 10000000', rowSize);
  if (!isInteger(classes, 1, 1000))
    throw new InvalidArgumentError('classes', 'an integer from 1 to 1000', classes);
}

function nearest(tf: TensorFlow, neighbours: number): ClassifierMethod<FittedKnn> {
  return {
    kind: 'knn',
    fit: (rows) => {
      const fitted = { ...rows, x: rows.x.slice(), labels: rows.labels.slice(), neighbours };
      checkEnoughRows(fitted);
      return fitted;
    },
    predict: async (fitted, x, signal) => {
      const { rowSize, classes } = fitted;
      const rows = x.length / rowSize;
      const probabilities = new Float32Array(rows * classes);
      const step = Math.max(1, Math.floor(distancesAtOnce / fitted.labels.length));
      for (let from = 0; from < rows; from += step) {
        signal?.throwIfAborted();
        const part = x.subarray(from * rowSize, (from + step) * rowSize);
        const shares = votes(tf, fitted, part);
        probabilities.set(await shares.data<'float32'>(), from * classes);
        shares.dispose();
      }
      return probabilities;
    },
    toState: ({ x, labels, ...rest }) => {
      const view = new DataView(new ArrayBuffer(4 * x.length));
      for (let i = 0; i < x.length; i++) view.setFloat32(4 * i, x[i], true);
      const bytes = new Uint8Array(view.buffer);
      // In parts, because the number of arguments of a call is limited.
      const parts: string[] = [];
      for (let i = 0; i < bytes.length; i += 8192)
        parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
      return { kind: 'knn', ...rest, labels: [...labels], x: btoa(parts.join('')) };
    },
  };
}

function checkEnoughRows({ labels, neighbours }: FittedKnn): void {
  if (neighbours > labels.length) {
    const rule = `at most the number of training rows (${labels.length})`;
    throw new InvalidArgumentError('neighbours', rule, neighbours);
  }
}

/** Shares of the neighbours' votes, shape [rows, classes]. */
function votes(
  tf: TensorFlow,
  { x, rowSize, labels, classes, neighbours }: FittedKnn,
  queries: Float32Array,
) {
  return tf.tidy(() => {
    const known = tf.tensor2d(x, [labels.length, rowSize]);
    // Centred first, because sums of squares lose precision far from the origin.
    const centre = known.mean(0);
    const centred = known.sub<Tensor2D>(centre);
    const query = tf.tensor2d(queries, [queries.length / rowSize, rowSize]).sub(centre);
    // -|q - t|² without |q|², which is the same for all neighbours.
    const nearness = query.matMul(centred, false, true).mul(2).sub(centred.square().sum(1));
    const { indices } = tf.topk(nearness, neighbours);
    return tf.oneHot(tf.gather(tf.tensor1d(labels, 'int32'), indices.flatten()), classes)
      .reshape([-1, neighbours, classes]).toFloat().mean(1); // prettier-ignore
  });
}

/** Predicts the class shares of the training rows for every row: the score that any model must exceed. */
export function majorityClassifier(): Classifier {
  return classifierOf(majority);
}

function restoreMajority(state: StateOf<'majority'>): Classifier {
  const { shares, classes, rowSize } = state;
  checkState(state);
  const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
  const sum =
    Array.isArray(shares) && shares.every(isShare) ? shares.reduce((total, share) => total + share, 0) : NaN;
  if (!Array.isArray(shares) || shares.length !== classes || !(Math.abs(sum - 1) < 1e-6))
    throw new InvalidArgumentError('shares', `one per class (${classes}), with a sum of 1`, shares);
  return classifierOf<StateOf<'majority'>>(majority, { kind: 'majority', shares, classes, rowSize });
}

const majority: ClassifierMethod<StateOf<'majority'>> = {
  kind: 'majority',
  fit: ({ rowSize, labels, classes }) => {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label]++;
    return { kind: 'majority', rowSize, classes, shares: counts.map((count) => count / labels.length) };
  },
  predict: ({ rowSize, classes, shares }, x) => {
    const probabilities = new Float32Array((x.length / rowSize) * classes);
    for (let i = 0; i < probabilities.length; i += classes) probabilities.set(shares, i);
    return probabilities;
  },
  toState: (state) => state,
};
