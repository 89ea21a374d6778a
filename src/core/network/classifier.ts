import { InvalidArgumentError, WorkbenchError } from '../base';

/** The models that are fitted in one go, without a network. */
export const baselineKinds = ['knn', 'svm', 'majority'] as const;
export type BaselineKind = (typeof baselineKinds)[number];

/** A classifier of vectors. Rows are to be scaled before: neither kernel nor distance knows units. */
export interface Classifier {
  readonly kind: BaselineKind;
  /**
   * Learns; what it learned before is forgotten.
   *
   * @param x - shape [rows, rowSize]
   * @param labels - a class a row, from 0; shape [rows]
   * @param classes - how many there are, with those that no row has
   * @throws {@link InvalidArgumentError} if the shapes do not fit, a value is not finite or a label is no class
   * @throws the signal's reason, if it was aborted
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
   * @throws {@link WorkbenchError} if nothing was learned yet
   * @throws {@link InvalidArgumentError} if `x` does not divide into rows or holds a value that is not finite
   */
  predict(x: Float32Array, options?: { signal?: AbortSignal }): Promise<Float32Array>;
  /** what it learned, as plain data */
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
      /** as LIBSVM writes its models to files */
      model: string;
    }
  | { kind: 'majority'; shares: number[] }
);
export type StateOf<K extends BaselineKind> = Extract<ClassifierState, { kind: K }>;

/** Rows to learn from, checked. */
export interface TrainingRows {
  x: Float32Array;
  rowSize: number;
  labels: Int32Array;
  classes: number;
}

/** What a kind of classifier does; `Learned` is what it keeps. */
export interface Method<Learned extends { rowSize: number }> {
  kind: BaselineKind;
  learn: (rows: TrainingRows, signal?: AbortSignal) => Learned | Promise<Learned>;
  answer: (learned: Learned, x: Float32Array, signal?: AbortSignal) => Float32Array | Promise<Float32Array>;
  toState: (learned: Learned) => ClassifierState;
}

/** A classifier by its method, which is called with checked rows only. */
export function classifierOf<Learned extends { rowSize: number }>(
  { kind, learn, answer, toState }: Method<Learned>,
  learned?: Learned,
): Classifier {
  const whatItLearned = (): Learned => {
    if (learned) return learned;
    throw new WorkbenchError(`The ${kind} classifier has learned nothing yet: call fit first.`);
  };
  return {
    kind,
    fit: async (x, rowSize, labels, classes, { signal } = {}) => {
      checkTrainingRows(x, rowSize, labels, classes);
      signal?.throwIfAborted();
      learned = await learn({ x, rowSize, labels, classes }, signal);
    },
    predict: async (x, { signal } = {}) => {
      const known = whatItLearned();
      checkRows(x, known.rowSize);
      signal?.throwIfAborted();
      return answer(known, x, signal);
    },
    toJSON: () => toState(whatItLearned()),
  };
}

/**
 * Checks rows that are to be learned from.
 *
 * @throws {@link InvalidArgumentError} as `Classifier.fit` says
 */
export function checkTrainingRows(
  x: Float32Array,
  rowSize: number,
  labels: Int32Array,
  classes: number,
): void {
  if (!Number.isSafeInteger(rowSize) || rowSize < 1) {
    throw new InvalidArgumentError('rowSize', 'a positive integer', rowSize);
  }
  if (!Number.isSafeInteger(classes) || classes < 1) {
    throw new InvalidArgumentError('classes', 'a positive integer', classes);
  }
  if (labels.length === 0) throw new InvalidArgumentError('labels', 'of at least one row', 0);
  if (x.length !== labels.length * rowSize) {
    const rule = `of length ${labels.length * rowSize} (${labels.length} labels, ${rowSize} values a row)`;
    throw new InvalidArgumentError('x', rule, x.length);
  }
  const wrong = labels.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) {
    throw new InvalidArgumentError('labels', `integers from 0 to ${classes - 1}`, wrong);
  }
  checkRows(x, rowSize);
}

/** @throws {@link InvalidArgumentError} as `Classifier.predict` says */
export function checkRows(x: Float32Array, rowSize: number): void {
  if (x.length % rowSize !== 0) {
    throw new InvalidArgumentError('x', `of a length that ${rowSize} values a row divide`, x.length);
  }
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = `row ${Math.floor(bad / rowSize)}, column ${bad % rowSize}`;
    throw new InvalidArgumentError('x', `of finite numbers (${place})`, x[bad]);
  }
}
