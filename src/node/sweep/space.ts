import { InvalidArgumentError, type Random } from '../../core/base';
import { checkPath, checkValue, type OptionPath } from '../../core/config';

/** What an option is varied over: some values, or a range. */
export type SweepAxis =
  | readonly unknown[]
  | { uniform: readonly [low: number, high: number] }
  /** each order of magnitude is as likely */
  | { logUniform: readonly [low: number, high: number] }
  /** with both ends */
  | { integer: readonly [low: number, high: number] };

/** Options to vary, by path: `{ 'training.learningRate': { logUniform: [1e-4, 1e-2] }, 'model.width': [64, 128] }`. */
export type SweepSpace = Partial<Record<OptionPath, SweepAxis>>;

export const axesOf = (space: SweepSpace) => Object.entries(space) as [OptionPath, SweepAxis][];

export const isList = (axis: SweepAxis): axis is readonly unknown[] => Array.isArray(axis);

/** How a range turns a number from 0 to below 1 into a value. */
const ranges: Record<string, (low: number, high: number, share: number) => number> = {
  uniform: (low, high, share) => low + (high - low) * share,
  logUniform: (low, high, share) => low * (high / low) ** share,
  integer: (low, high, share) => low + Math.floor((high - low + 1) * share),
};

/** One of an axis's values, at random. */
export function drawValue(axis: SweepAxis, random: Random): unknown {
  return isList(axis) ? random.pick(axis) : valueIn(axis, random.uniform());
}

/**
 * Checks a space before any trial is run: that its options exist, and that they may have its values.
 *
 * @throws {@link InvalidArgumentError} that names the option
 */
export function checkSpace(space: SweepSpace): void {
  const axes = axesOf(space);
  if (axes.length === 0) throw new InvalidArgumentError('space', 'of at least one option', space);
  for (const [path, axis] of axes) {
    checkPath(path);
    if (!isList(axis)) checkRange(path, axis);
    else if (axis.length === 0) throw new InvalidArgumentError(path, 'a list of at least one value', axis);
    // Of a range the lowest, and one that is whole only if all are.
    const samples = isList(axis) ? axis : [valueIn(axis, 0), valueIn(axis, Math.SQRT1_2)];
    for (const value of samples) checkValue(path, value);
  }
}

function checkRange(path: string, axis: Exclude<SweepAxis, readonly unknown[]>): void {
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
    throw new InvalidArgumentError(`${path} of the space`, rule, axis);
  }
}

function valueIn(axis: Exclude<SweepAxis, readonly unknown[]>, share: number): number {
  const [kind, [low, high]] = Object.entries(axis)[0] as [string, [number, number]];
  return ranges[kind](low, high, share);
}
