import { countOf, formatCount, InvalidArgumentError, orderClasses } from '../base';
import type { TrainingOverlap } from '../dataset';
import { compareRuns, type CompareRunsOptions, formatComparison, type RunComparison } from './compare-runs';
import { type Predictions, selectRows } from './predictions';

/** Predictions of several models for the rows that all of them have, in the same order and with the same classes. */
export interface AlignedPredictions {
  predictions: Predictions[];
  /** for each of the given predictions, the number of rows that not all have */
  leftOut: number[];
}

/**
 * Selects the rows that all predictions have, so that `compareRuns` can compare them. Rows belong together if they have the same path
 * and, where a path has several rows, the same fold and seed. A class that a model does not know gets probability 0.
 *
 * @throws {@link InvalidArgumentError} if they have no row in common, or a row has different labels
 */
export function alignPredictions(all: readonly Predictions[]): AlignedPredictions {
  if (all.length === 0) throw new InvalidArgumentError('predictions', 'a list with at least one entry', []);
  const isUnique = all.every(({ clips }) => new Set(clips.map(({ path }) => path)).size === clips.length);
  const keyOf = ({ clips, splits, splitOf, seedOf }: Predictions, row: number): string =>
    isUnique ? clips[row].path : JSON.stringify([clips[row].path, splits[splitOf[row]], seedOf?.[row]]);
  const rowsOf = all.map(
    (own) => new Map(Array.from(own.clips, (_, row): [string, number] => [keyOf(own, row), row])),
  );
  rowsOf.forEach(({ size }, i) => {
    if (size < all[i].clips.length)
      throw new InvalidArgumentError(
        'predictions',
        'rows that differ in path, fold or seed',
        `${countOf(all[i].clips.length - size, 'repeated row')} in number ${i + 1}`,
      );
  });
  const keys = [...rowsOf[0].keys()].filter((key) => rowsOf.every((rows) => rows.has(key)));
  if (keys.length === 0)
    throw new InvalidArgumentError(
      'predictions',
      'predictions with rows in common',
      'none',
      'compare the paths',
    );
  const classes = orderClasses(all.flatMap((own) => own.classes));
  const predictions = all.map((own, i) =>
    withClasses(
      selectRows(
        own,
        keys.map((key) => rowsOf[i].get(key)!),
      ),
      classes,
    ),
  );
  const [first, ...others] = predictions;
  for (const [i, own] of others.entries()) {
    const row = own.actual.findIndex((value, at) => value !== first.actual[at]);
    if (row >= 0)
      throw new InvalidArgumentError(
        `label of ${first.clips[row].path}`,
        `the same in all predictions (${classes[first.actual[row]]})`,
        classes[own.actual[row]],
        `compare number 1 with number ${i + 2}`,
      );
  }
  return { predictions, leftOut: all.map(({ clips }) => clips.length - keys.length) };
}

/** Predictions with more classes, or the same in another order. */
function withClasses(predictions: Predictions, classes: readonly string[]): Predictions {
  const { classes: own, actual, probabilities } = predictions;
  const places = own.map((name) => classes.indexOf(name));
  const wider = new Float32Array(actual.length * classes.length);
  for (let row = 0; row < actual.length; row++)
    for (const [k, place] of places.entries())
      wider[row * classes.length + place] = probabilities[row * own.length + k];
  return { ...predictions, classes, actual: actual.map((k) => places[k]), probabilities: wider };
}

/** Predictions of one model, with what it was trained on. */
export interface NamedPredictions {
  name: string;
  predictions: Predictions;
  overlap?: TrainingOverlap;
}

/** Each model compared with the first, on the same rows. */
export interface PredictionComparison {
  names: string[];
  rows: number;
  /** rows of each model that were not compared, since others do not have them or a model was trained on them */
  leftOut: number[];
  /** without the first, in order */
  comparisons: RunComparison[];
  /** all common rows were trained on by some model, so that rows trained on are compared, too */
  isLeaky: boolean;
}

/**
 * Compares models on the rows that all of them predicted and none was trained on, with paired differences.
 *
 * @param all - at least two
 * @throws {@link InvalidArgumentError} if there are fewer than two, they have no row in common, or a row has different labels
 * @example
 * ```ts
 * const all = [{ name: 'mine', ...(await ser.readPredictions('mine.csv')) }, { name: 'theirs', ...(await ser.readPredictions('theirs.csv')) }];
 * console.log(ser.evaluation.formatPredictionComparison(ser.evaluation.comparePredictions(all)));
 * ```
 */
export function comparePredictions(
  all: readonly NamedPredictions[],
  options: CompareRunsOptions = {},
): PredictionComparison {
  if (all.length < 2)
    throw new InvalidArgumentError('predictions', 'a list of at least two entries', all.length);
  const lists = all.map(({ predictions }) => predictions);
  const untrained = all.map(({ predictions, overlap }) => ({
    ...(overlap ? selectRows(predictions, overlap.withoutClips) : predictions),
    isLeaky: false,
  }));
  const isLeaky = untrained.some(({ clips }) => clips.length === 0) || !haveCommonRows(untrained);
  const { predictions } = alignPredictions(
    isLeaky ? lists.map((own) => ({ ...own, isLeaky: true })) : untrained,
  );
  const [first, ...others] = predictions;
  return {
    names: all.map(({ name }) => name),
    rows: first.clips.length,
    leftOut: lists.map(({ clips }) => clips.length - first.clips.length),
    comparisons: others.map((own) => compareRuns(first, own, options)),
    isLeaky,
  };
}

function haveCommonRows(all: readonly Predictions[]): boolean {
  const [first, ...others] = all.map(({ clips }) => new Set(clips.map(({ path }) => path)));
  return [...first].some((path) => others.every((paths) => paths.has(path)));
}

/** The comparison as text, with the protocol at the end of every line with a score. */
export function formatPredictionComparison({
  names: [first, ...others],
  rows,
  leftOut,
  comparisons,
  isLeaky,
}: PredictionComparison): string {
  const missing = leftOut.some((count) => count > 0)
    ? ` (${[first, ...others].map((name, i) => `${name}: ${formatCount(leftOut[i])} other rows`).join(', ')})`
    : '';
  return [
    `Compared on ${countOf(rows, 'row')} that all have${isLeaky ? ', although models were trained on them' : ' and none was trained on, as far as known'}${missing}`,
    '',
    ...comparisons.map((comparison, i) => formatComparison(comparison, [first, others[i]])),
  ].join('\n');
}
