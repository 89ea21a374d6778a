import { type Clip, type Emotion, InvalidArgumentError } from '../base';
import { protocolCards, type ProtocolName } from '../dataset';

/** What every score carries: the protocol that it was measured under. */
export interface UnderProtocol {
  protocol: ProtocolName;
  /** what a score under it measures, in a few words */
  protocolLabel: string;
  /** the same recordings are in training and test, so that the score says nothing of new ones */
  isLeaky: boolean;
}

/**
 * A protocol with what its card says, to be spread into predictions.
 *
 * @param note - what else has to be known of the scores: `normalised per speaker (transductive)`
 */
export function underProtocol(protocol: ProtocolName, note = ''): UnderProtocol {
  const { licence, isLeaky } = protocolCards[protocol];
  return { protocol, protocolLabel: note === '' ? licence : `${licence}; ${note}`, isLeaky };
}

/** Takes the protocol along to what is made from its rows. */
export function protocolOf({ protocol, protocolLabel, isLeaky }: UnderProtocol): UnderProtocol {
  return { protocol, protocolLabel, isLeaky };
}

/** The protocol's name, as every line with a score ends: `speakers`, or `paper-rows, LEAKY`. */
export function protocolMark({ protocol, isLeaky }: UnderProtocol): string {
  return isLeaky ? `${protocol}, LEAKY` : protocol;
}

/** The protocol's name and what a score under it measures, as every report and caption says. */
export function protocolText(under: UnderProtocol): string {
  return `${protocolMark(under)} (${under.protocolLabel})`;
}

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

/**
 * An ensemble of trained models: of each test row, the mean of the probabilities that they gave it. It is one more model, not a
 * mean of scores, and mostly a better one than each of them.
 *
 * @param members - of one alone, its predictions are returned as they are
 * @throws {@link InvalidArgumentError} if there is none, they are not of one protocol and the same classes, or have not tested the
 *   same rows in the same order
 * @see Lakshminarayanan, Pritzel and Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles (2017)
 */
export function averagePredictions(members: readonly Predictions[]): Predictions {
  const [first] = members;
  if (members.length === 0) throw new InvalidArgumentError('members', 'a list with at least one', []);
  if (members.length === 1) return first;
  requireSameTask('members', members);
  members.forEach((own, i) => {
    const isSame =
      own.clips.length === first.clips.length &&
      own.clips.every(({ path }, row) => {
        return (
          path === first.clips[row].path && own.splits[own.splitOf[row]] === first.splits[first.splitOf[row]]
        );
      });
    if (!isSame)
      throw new InvalidArgumentError('members', 'of the same test rows, in one order', `member ${i + 1}`);
  });
  return {
    ...first,
    probabilities: first.probabilities.map(
      (_, i) => members.reduce((sum, { probabilities }) => sum + probabilities[i], 0) / members.length,
    ),
  };
}

/** One training of several that differ by their seed alone. */
export interface SeedRun {
  seed: number;
  predictions: Predictions;
}

/**
 * Joins what several trainings of one experiment said into one list of rows, each with the seed that it comes from. A clip
 * then has a row of each training; intervals go on resampling speakers, with all of a speaker's rows.
 *
 * @param runs - of one alone, the predictions are returned as they are
 * @throws {@link InvalidArgumentError} if there is none, two have the same seed, or they are not of one protocol and the same
 *   classes
 */
export function joinSeeds(runs: readonly SeedRun[]): Predictions {
  if (runs.length === 0) throw new InvalidArgumentError('runs', 'a list with at least one run', []);
  const seeds = runs.map(({ seed }) => seed);
  if (new Set(seeds).size < seeds.length) throw new InvalidArgumentError('runs', 'of different seeds', seeds);
  const all = runs.map(({ predictions }) => predictions);
  requireSameTask('runs', all);
  const [first] = all;
  if (all.length === 1) return first;
  const splits = [...new Set(all.flatMap((own) => own.splits))];
  const concat = (of: (run: SeedRun) => ArrayLike<number>): Int32Array =>
    Int32Array.from(runs.flatMap((run) => Array.from(of(run))));
  return {
    ...first,
    clips: all.flatMap(({ clips }) => clips),
    actual: concat(({ predictions }) => predictions.actual),
    probabilities: Float32Array.from(all.flatMap(({ probabilities }) => [...probabilities])),
    splitOf: concat(({ predictions: own }) => own.splitOf.map((k) => splits.indexOf(own.splits[k]))),
    splits,
    seedOf: concat(({ seed, predictions }) => new Int32Array(predictions.clips.length).fill(seed)),
  };
}
