import { canonicalJson, createRandom, InvalidArgumentError, type Random } from '../../core/base';
import {
  checkPath,
  checkValue,
  describeOption,
  type OptionPath,
  type OptionValues,
  parseSettings,
} from '../../core/config';
import { type SweepAxis } from '../../core/features';

/** Options to vary, by path: `{ 'training.learningRate': { logUniform: [1e-4, 1e-2] }, 'model.width': [64, 128] }`. */
export type SweepSpace = Partial<Record<OptionPath, SweepAxis>>;

/**
 * Parses a space as written on a command line: `model.width=64,128` is a list, `training.mixup=0..0.4` a range,
 * `training.learningRate=log:1e-4..1e-2` a logarithmic range, `training.epochs=int:5..20` a range of integers, and `model.width`
 * alone the range declared for the option.
 *
 * @throws {@link InvalidArgumentError} if an option is unknown, has no declared range, or a value breaks its rule
 */
export function parseSweepSpace(texts: readonly string[]): SweepSpace {
  return Object.fromEntries(
    texts.map((text) => {
      const [name] = text.split('=', 1);
      const path = name.trim();
      if (path === '') throw new InvalidArgumentError('--space', 'of the form model.width=64,128', text);
      checkPath(path);
      return [path, text === name ? declaredAxis(path) : parseAxis(path, text.slice(name.length + 1).trim())];
    }),
  );
}

function declaredAxis(path: OptionPath): SweepAxis {
  const { sweep } = describeOption(path);
  if (sweep) return sweep;
  throw new InvalidArgumentError(
    '--space',
    `of the form ${path}=VALUES, as ${path} has no declared sweep range`,
    path,
  );
}

function parseAxis(path: OptionPath, text: string): SweepAxis {
  if (text.length > maxText)
    throw new InvalidArgumentError(path, `at most ${maxText} characters long`, text.length);
  const range = /^(log:|int:|)([^.,]*\.?[^.,]*)\.\.([^,]+)$/.exec(text);
  if (!range) {
    return text.split(',').map((value) => parseSettings([`${path}=${value}`], '--space')[path]);
  }
  const [, kind, low, high] = range;
  const ends = [Number(low), Number(high)] as const;
  if (low === '' || ends.some(Number.isNaN)) {
    throw new InvalidArgumentError(path, 'a range of numbers such as 0.1..0.5', text);
  }
  return kind === 'log:' ? { logUniform: ends } : kind === 'int:' ? { integer: ends } : { uniform: ends };
}

/** Maximum number of trials of a sweep. */
export const maxTrials = 10_000;

/** Longer texts would take quadratic time. */
const maxText = 10_000;

/**
 * All combinations of a space of lists; the last option varies fastest.
 *
 * @throws {@link InvalidArgumentError} if the space is invalid or contains a range
 */
export function gridPlan(space: SweepSpace): OptionValues[] {
  checkSpace(space);
  const count = axesOf(space).reduce((product, [, axis]) => product * (isList(axis) ? axis.length : 1), 1);
  if (count > maxTrials)
    throw new InvalidArgumentError(
      'space',
      `a grid of at most ${maxTrials} combinations`,
      count,
      'use random search',
    );
  return axesOf(space).reduce<OptionValues[]>(
    (plan, [path, axis]) => {
      if (!isList(axis)) {
        const remedy = 'list the values, or use random search';
        throw new InvalidArgumentError(path, 'a list of values (in a grid)', axis, remedy);
      }
      return plan.flatMap((values) => axis.map((value) => ({ ...values, [path]: value })));
    },
    [{}],
  );
}

/** Number of repeated combinations in a row after which a space counts as exhausted. */
const maxRepetitions = 200;

/**
 * Random combinations without repetition (Bergstra and Bengio 2012). With the same seed, a longer plan starts with the shorter one.
 *
 * @returns `trials` combinations, or fewer if the space has no more
 * @throws {@link InvalidArgumentError} if the space is invalid, or `trials` is not a positive integer
 */
export function randomPlan(
  space: SweepSpace,
  { trials, seed }: { trials: number; seed: number },
): OptionValues[] {
  checkSpace(space);
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new InvalidArgumentError('trials', 'a positive integer', trials);
  }
  if (trials > maxTrials) throw new InvalidArgumentError('trials', `at most ${maxTrials}`, trials);
  const random = createRandom(seed);
  const plan = new Map<string, OptionValues>();
  for (let repeated = 0; plan.size < trials && repeated < maxRepetitions;) {
    const values: OptionValues = Object.fromEntries(
      axesOf(space).map(([path, axis]) => [path, drawValue(axis, random)]),
    );
    const key = canonicalJson(values);
    repeated = plan.has(key) ? repeated + 1 : 0;
    if (!plan.has(key)) plan.set(key, values);
  }
  return [...plan.values()];
}

/** Checks that the options of a space exist and allow its values. */
function checkSpace(space: SweepSpace): void {
  const axes = axesOf(space);
  if (axes.length === 0) throw new InvalidArgumentError('space', 'an object with at least one option', space);
  for (const [path, axis] of axes) {
    checkPath(path);
    if (!isList(axis)) checkRange(path, axis);
    else if (axis.length === 0) throw new InvalidArgumentError(path, 'a list of at least one value', axis);
    // Both ends of a range, and a value in between that is an integer only if all are.
    const samples = isList(axis) ? axis : [...endsOf(axis), valueIn(axis, Math.SQRT1_2)];
    for (const value of samples) checkValue(path, value);
  }
}

type SweepRange = Exclude<SweepAxis, readonly unknown[]>;

function checkRange(path: string, axis: SweepRange): void {
  const [[kind, ends] = [], ...others] = Object.entries((axis as typeof axis | null) ?? {});
  const numbers: unknown[] = Array.isArray(ends) ? ends : [];
  const [low, high] = numbers as [number, number];
  const areEnds = numbers.length === 2 && Number.isFinite(low) && Number.isFinite(high) && low < high;
  const fits =
    kind === 'integer'
      ? Number.isSafeInteger(low) && Number.isSafeInteger(high)
      : kind === 'logUniform'
        ? low > 0
        : kind === 'uniform';
  if (!areEnds || !fits || others.length > 0) {
    const rule = 'a list of values, or { uniform | logUniform | integer: [low, high] }';
    throw new InvalidArgumentError(`space: ${path}`, rule, axis);
  }
}

const axesOf = (space: SweepSpace) => Object.entries(space) as [OptionPath, SweepAxis][];

const isList = (axis: SweepAxis): axis is readonly unknown[] => Array.isArray(axis);

function drawValue(axis: SweepAxis, random: Random): unknown {
  return isList(axis) ? random.pick(axis) : valueIn(axis, random.uniform());
}

const endsOf = (axis: SweepRange): [low: number, high: number] => Object.values(axis)[0] as [number, number];

/** The value at a share from 0 to below 1 of a range. */
function valueIn(axis: SweepRange, share: number): number {
  const [low, high] = endsOf(axis);
  if ('integer' in axis) return low + Math.floor((high - low + 1) * share);
  if ('logUniform' in axis) return low * (high / low) ** share;
  return low + (high - low) * share;
}

/** A round of successive halving. */
export interface Rung {
  trials: number;
  /** of each trial */
  epochs: number;
}

/**
 * The rounds of successive halving (Jamieson and Talwalkar 2016): many short trials first; each round keeps the best trials and trains
 * them longer, up to the full number of epochs.
 *
 * @param options - `trials` and `minEpochs` of the first round, `maxEpochs` of the last; `factor` divides the trials and multiplies
 *   the epochs from round to round
 * @throws {@link InvalidArgumentError} if one of them breaks its rule
 */
export function halvingRungs({
  trials,
  minEpochs,
  maxEpochs,
  factor,
}: {
  trials: number;
  minEpochs: number;
  maxEpochs: number;
  factor: number;
}): Rung[] {
  if (!Number.isSafeInteger(trials) || trials < 1) {
    throw new InvalidArgumentError('trials', 'a positive integer', trials);
  }
  if (!Number.isSafeInteger(minEpochs) || minEpochs < 1 || minEpochs > maxEpochs) {
    const rule = `an integer from 1 to training.epochs (${maxEpochs})`;
    throw new InvalidArgumentError('minEpochs', rule, minEpochs);
  }
  if (!(factor >= 1.1 && factor <= 1000)) {
    throw new InvalidArgumentError('factor', 'a number from 1.1 to 1000', factor);
  }
  const rungs: Rung[] = [];
  for (let budget = minEpochs, left = trials; ; budget *= factor, left /= factor) {
    const epochs = Math.round(budget);
    // A single trial has no competitor left: it runs all epochs.
    const isLast = epochs >= maxEpochs || left < 2;
    // With a small factor, rounding may give the same number of epochs twice.
    if (!isLast && rungs.at(-1)?.epochs === epochs) continue;
    rungs.push({ trials: Math.max(1, Math.floor(left)), epochs: isLast ? maxEpochs : epochs });
    if (isLast) return rungs;
  }
}
