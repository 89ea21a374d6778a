import { type Clip, type Emotion, InvalidArgumentError, type LeftOut } from '../base';
import { isAuditedProtocol, protocolCards, type ScoreProtocol } from '../dataset';

/** The evaluation protocol of a score. Every score has one. */
export interface UnderProtocol {
  protocol: ScoreProtocol;
  /** what a score under this protocol measures */
  protocolLabel: string;
  /** training and test contain the same recordings, so the score does not apply to new ones */
  isLeaky: boolean;
}

/**
 * Describes a protocol, to be spread into predictions.
 *
 * @param note - an additional caveat, such as `normalised per speaker (transductive)`
 * @example
 * ```ts
 * const predictions = { ...underProtocol('speakers'), classes, clips, … };
 * ```
 */
export function underProtocol(protocol: ScoreProtocol, note = ''): UnderProtocol {
  const { measures, isLeaky } = protocolCards[protocol];
  return { protocol, protocolLabel: note === '' ? measures : `${measures}; ${note}`, isLeaky };
}

/** Copies the protocol from predictions to a result derived from them. */
export function protocolOf({ protocol, protocolLabel, isLeaky }: UnderProtocol): UnderProtocol {
  return { protocol, protocolLabel, isLeaky };
}

/** Name of the protocol at the end of every line with a score: `speakers`, or `paper-rows, LEAKY`. */
export function protocolMark({ protocol, isLeaky }: UnderProtocol): string {
  return isLeaky ? `${protocol}, LEAKY` : protocol;
}

/** Name of the protocol and what a score under it measures, for reports and captions. */
export function protocolText(under: UnderProtocol): string {
  return `${protocolMark(under)} (${under.protocolLabel})`;
}

/** What was left out of the data behind scores, and what this means for them. */
export interface Caveats {
  /** absent if nothing was left out */
  leftOut?: readonly LeftOut[];
  /** classes and speakers without clips, classes that were tested but not trained on; absent if there are none */
  warnings?: readonly string[];
}

/** Copies the caveats from predictions to a result derived from them. */
export function caveatsOf({ leftOut = [], warnings = [] }: Caveats): Caveats {
  return { ...(leftOut.length > 0 && { leftOut }), ...(warnings.length > 0 && { warnings }) };
}

/** Predicted probabilities for test rows, and the protocol that separated them from training. */
export interface Predictions extends UnderProtocol, Caveats {
  classes: readonly Emotion[];
  /** one per row; a clip may have several rows */
  clips: readonly Clip[];
  /** index into `classes`; shape [rows] */
  actual: Int32Array;
  /** shape [rows, classes] */
  probabilities: Float32Array;
  /** index into `splits`, the fold that tested the row; shape [rows] */
  splitOf: Int32Array;
  /** names of the folds */
  splits: readonly string[];
  /** training seed of the row, if there were several seeds; shape [rows] */
  seedOf?: Int32Array;
  /** only the predicted classes are known: the probabilities are 0 or 1, and calibration and losses mean nothing */
  isHard?: boolean;
}

/**
 * Validates predictions.
 *
 * @throws {@link InvalidArgumentError} if lengths do not match, an index is out of range, probabilities are negative or do not
 * sum to 1, the protocol is unknown, or `isLeaky` contradicts it
 */
export function checkPredictions(predictions: Predictions): void {
  const { classes, clips, actual, probabilities, splitOf, splits, seedOf, protocol, isLeaky } = predictions;
  const rows = clips.length;
  if (rows === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
  if (classes.length === 0 || new Set(classes).size < classes.length) {
    throw new InvalidArgumentError('classes', 'a list of distinct emotions', classes);
  }
  if (!Object.hasOwn(protocolCards, protocol)) {
    throw new InvalidArgumentError('protocol', `one of ${Object.keys(protocolCards).join(', ')}`, protocol);
  }
  if (isLeaky !== protocolCards[protocol].isLeaky && !isAuditedProtocol(protocol)) {
    throw new InvalidArgumentError('isLeaky', `${protocolCards[protocol].isLeaky} for ${protocol}`, isLeaky);
  }
  requireLength('actual', actual, rows, 'one per clip');
  requireLength('splitOf', splitOf, rows, 'one per clip');
  requireLength('probabilities', probabilities, rows * classes.length, 'one per clip and class');
  if (seedOf) requireLength('seedOf', seedOf, rows, 'one per clip');
  requireIndices('actual', actual, classes.length, 'classes');
  requireIndices('splitOf', splitOf, splits.length, 'splits');
  for (let row = 0; row < rows; row++) {
    const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
    let sum = 0;
    for (const value of own) sum += value >= 0 ? value : NaN;
    if (Math.abs(sum - 1) <= 1e-3) continue;
    const rule = 'non-negative numbers that sum to 1';
    throw new InvalidArgumentError(`probabilities of row ${row}`, rule, [...own].join(', '));
  }
}

/** @throws {@link InvalidArgumentError} if the predictions differ in protocol or classes */
function requireSameTask(parameter: string, all: readonly Predictions[]): void {
  const requireSame = (what: string, [first, ...others]: readonly string[]): void => {
    const other = others.find((value) => value !== first);
    if (other === undefined) return;
    throw new InvalidArgumentError(parameter, `predictions with the same ${what} (${first})`, other);
  };
  requireSame('protocol', all.map(protocolText));
  requireSame(
    'classes',
    all.map(({ classes }) => classes.join(', ')),
  );
}

/** The class with the highest probability of each row, the first one if tied; shape [rows]. */
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

/** Selects rows of predictions, in the given order. */
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
 * Selects the rows of one corpus, for example to compare them with its listeners.
 *
 * @throws {@link InvalidArgumentError} if there are no rows of this corpus
 * @example
 * ```ts
 * scoreReport(selectCorpus(predictions, 'CREMA-D'));
 * ```
 */
export function selectCorpus(predictions: Predictions, corpus: string): Predictions {
  const corpora = groupRows(predictions.clips.length, (row) => predictions.clips[row].corpus);
  const rows = corpora.get(corpus);
  if (!rows) throw new InvalidArgumentError('corpus', `one of ${[...corpora.keys()].join(', ')}`, corpus);
  return selectRows(predictions, rows);
}

/** Groups rows by key, in order of first occurrence. */
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
 * Combines trained models into an ensemble: the mean of their probabilities for each test row.
 *
 * @param members - a single one is returned unchanged
 * @returns predictions for the same rows
 * @throws {@link InvalidArgumentError} if there are none, they differ in protocol or classes, or did not test the same rows in
 * the same order
 * @see Lakshminarayanan, Pritzel and Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles (2017)
 * @example
 * ```ts
 * const ensemble = averagePredictions([first.predictions!, second.predictions!]);
 * ```
 */
export function averagePredictions(members: readonly Predictions[]): Predictions {
  const [first] = members;
  if (members.length === 0) throw new InvalidArgumentError('members', 'a list with at least one entry', []);
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
      throw new InvalidArgumentError(
        'members',
        'predictions of the same test rows in the same order',
        `member ${i + 1}`,
      );
  });
  return {
    ...first,
    probabilities: first.probabilities.map(
      (_, i) => members.reduce((sum, { probabilities }) => sum + probabilities[i], 0) / members.length,
    ),
  };
}

/** One of several trainings that differ only in their seed. */
export interface SeedRun {
  seed: number;
  predictions: Predictions;
}

/**
 * Concatenates the predictions of several trainings that differ only in their seed. A clip then has one row per seed; intervals
 * resample speakers with all their rows.
 *
 * @param runs - the predictions of a single run are returned unchanged
 * @throws {@link InvalidArgumentError} if there are none, two have the same seed, or they differ in protocol or classes
 */
export function joinSeeds(runs: readonly SeedRun[]): Predictions {
  if (runs.length === 0) throw new InvalidArgumentError('runs', 'a list with at least one run', []);
  const seeds = runs.map(({ seed }) => seed);
  if (new Set(seeds).size < seeds.length)
    throw new InvalidArgumentError('runs', 'a list with distinct seeds', seeds);
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
