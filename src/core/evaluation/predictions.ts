import { type Clip, type Emotion, InvalidArgumentError } from '../base';
import { protocolCards } from '../dataset';
import { protocolText, type UnderProtocol } from './under-protocol';

/** What a model said of test rows, and under which protocol these were kept apart from training. */
export interface Predictions extends UnderProtocol {
  classes: readonly Emotion[];
  /** one a row; a clip may have several rows */
  clips: readonly Clip[];
  /** index into `classes`; shape [rows] */
  actual: Int32Array;
  /** shape [rows, classes] */
  probabilities: Float32Array;
  /** index into `splits`: the fold that tested the row; shape [rows] */
  splitOf: Int32Array;
  /** names of the folds */
  splits: readonly string[];
  /** seed of the training that the row comes from, where there were several; shape [rows] */
  seedOf?: Int32Array;
}

/**
 * Checks that predictions hold together, and that a leaky protocol is called so.
 *
 * @throws {@link InvalidArgumentError} if a length does not fit the others, an index is out of range, a probability is
 *   none, or the protocol is unknown or not called leaky though it is
 */
export function checkPredictions(predictions: Predictions): void {
  const { classes, clips, actual, probabilities, splitOf, splits, seedOf, protocol, isLeaky } = predictions;
  const rows = clips.length;
  if (rows === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
  if (classes.length === 0 || new Set(classes).size < classes.length) {
    throw new InvalidArgumentError('classes', 'a list of emotions, each once', classes);
  }
  if (!(protocol in protocolCards)) {
    throw new InvalidArgumentError('protocol', `one of ${Object.keys(protocolCards).join(', ')}`, protocol);
  }
  if (isLeaky !== protocolCards[protocol].isLeaky) {
    throw new InvalidArgumentError('isLeaky', `what the card of ${protocol} says`, isLeaky);
  }
  requireLength('actual', actual, rows, 'one a clip');
  requireLength('splitOf', splitOf, rows, 'one a clip');
  requireLength('probabilities', probabilities, rows * classes.length, 'one a clip and class');
  if (seedOf) requireLength('seedOf', seedOf, rows, 'one a clip');
  requireIndices('actual', actual, classes.length, 'classes');
  requireIndices('splitOf', splitOf, splits.length, 'splits');
  for (let row = 0; row < rows; row++) {
    const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
    let sum = 0;
    for (const value of own) sum += value >= 0 ? value : NaN;
    if (Math.abs(sum - 1) <= 1e-3) continue;
    const rule = 'numbers of at least 0 that add up to 1';
    throw new InvalidArgumentError(`probabilities of row ${row}`, rule, [...own].join(', '));
  }
}

/** @throws {@link InvalidArgumentError} if predictions are not of one protocol and the same classes */
export function requireSameTask(parameter: string, all: readonly Predictions[]): void {
  const requireSame = (what: string, [first, ...others]: readonly string[]): void => {
    const other = others.find((value) => value !== first);
    if (other === undefined) return;
    throw new InvalidArgumentError(parameter, `of the same ${what} (${first})`, other);
  };
  requireSame('protocol', all.map(protocolText));
  requireSame(
    'classes',
    all.map(({ classes }) => classes.join(', ')),
  );
}

/** The class with the highest probability in each row, the first of several; shape [rows]. */
export function predictedClasses({
  probabilities,
  classes,
}: Pick<Predictions, 'probabilities' | 'classes'>): Int32Array {
  const predicted = new Int32Array(probabilities.length / classes.length);
  for (let row = 0; row < predicted.length; row++) {
    const start = row * classes.length;
    let best = 0;
    for (let k = 1; k < classes.length; k++)
      if (probabilities[start + k] > probabilities[start + best]) best = k;
    predicted[row] = best;
  }
  return predicted;
}

/** The predictions of some rows only, in the order given. */
export function selectRows(predictions: Predictions, rows: ArrayLike<number>): Predictions {
  const { classes, clips, actual, probabilities, splitOf, seedOf } = predictions;
  const pick = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row]);
  const selected = new Float32Array(rows.length * classes.length);
  Array.from(rows, (row, i) => {
    const start = row * classes.length;
    selected.set(probabilities.subarray(start, start + classes.length), i * classes.length);
  });
  return {
    ...predictions,
    clips: Array.from(rows, (row) => clips[row]),
    actual: pick(actual),
    probabilities: selected,
    splitOf: pick(splitOf),
    ...(seedOf && { seedOf: pick(seedOf) }),
  };
}

/**
 * The predictions on one corpus's rows, as for a comparison with its listeners.
 *
 * @throws {@link InvalidArgumentError} if no row is of this corpus
 */
export function selectCorpus(predictions: Predictions, corpus: string): Predictions {
  const corpora = groupRows(predictions.clips.length, (row) => predictions.clips[row].corpus);
  const rows = corpora.get(corpus);
  if (!rows) throw new InvalidArgumentError('corpus', `one of ${[...corpora.keys()].join(', ')}`, corpus);
  return selectRows(predictions, rows);
}

/** Rows by what they have in common, in the order in which the groups first occur. */
export function groupRows<Key>(rows: number, keyOf: (row: number) => Key): Map<Key, number[]> {
  const groups = new Map<Key, number[]>();
  for (let row = 0; row < rows; row++) {
    const key = keyOf(row);
    const own = groups.get(key);
    if (own) own.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function requireLength(name: string, values: ArrayLike<number>, length: number, what: string): void {
  if (values.length !== length)
    throw new InvalidArgumentError(name, `${length} values, ${what}`, values.length);
}

function requireIndices(name: string, values: Int32Array, count: number, list: string): void {
  const wrong = values.find((value) => value < 0 || value >= count);
  if (wrong !== undefined) throw new InvalidArgumentError(name, `indices into the ${count} ${list}`, wrong);
}
