import { InvalidArgumentError, WorkbenchError } from '../base';

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
export function checkTrainingRows(
  x: Float32Array,
  rowSize: number,
  labels: Int32Array,
  classes: number,
): void {
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
