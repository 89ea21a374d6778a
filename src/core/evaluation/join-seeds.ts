import { InvalidArgumentError } from '../base';
import { type Predictions, requireSameTask } from './predictions';

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
