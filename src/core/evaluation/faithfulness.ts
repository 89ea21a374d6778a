import { createRandom, InvalidArgumentError, type Random } from '../base';
import {
  occlude,
  type Occlusion,
  type OcclusionOptions,
  type PredictBatch,
  probabilitiesCovered,
} from './occlusion';
import { percentagePoints } from './score-report';

/** Result of a deletion test: whether the cells that an occlusion marks as important matter to the model. */
export interface Faithfulness {
  /** share of cells covered, 0 to 1; shape [steps + 1] */
  removed: Float64Array;
  /** mean probability over the rows when the most important cells are covered first; shape [steps + 1] */
  important: Float64Array;
  /** the same with cells in random order; shape [steps + 1] */
  random: Float64Array;
  /** area between the two curves of each row, above 0 if the explanation is better than chance; shape [rows] */
  areas: Float64Array;
  meanArea: number;
  /** one-sided p-value of mean area > 0, from a sign-flip test over the rows */
  pValue: number;
  occlusions: Occlusion[];
}

/** A row to explain. */
export interface ExplainedRow {
  /** shape [frames, coefficients] */
  row: Float32Array;
  /** class to explain */
  classIndex: number;
  /** number of frames before the zero padding; default all */
  frames?: number;
}

/** Options of `checkFaithfulness`. */
export interface FaithfulnessOptions extends Omit<OcclusionOptions, 'classIndex' | 'frames'> {
  /** number of covering steps; default 20, fewer if there are fewer cells */
  steps?: number;
  /** number of random orders per row; default 10 */
  randomOrders?: number;
  /** default 42 */
  seed?: number;
}

/**
 * Deletion test of explanations: covers the cells of each row cumulatively, most important first, and compares the decrease in
 * probability with random order. An explanation that is not better than chance does not show what the model uses.
 *
 * @throws {@link InvalidArgumentError} if there are no rows, or an option is out of range
 * @see Petsiuk, Das and Saenko (2018), RISE, arXiv 1806.07421
 */
export async function checkFaithfulness(
  predictBatch: PredictBatch,
  rows: readonly ExplainedRow[],
  { steps = 20, randomOrders = 10, seed = 42, ...options }: FaithfulnessOptions,
): Promise<Faithfulness> {
  if (rows.length === 0) throw new InvalidArgumentError('rows', 'a list with at least one row', []);
  for (const [name, value] of Object.entries({ steps, randomOrders })) {
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidArgumentError(name, 'a positive integer', value);
  }
  const random = createRandom(seed);
  const occlusions: Occlusion[] = [];
  const curves: { important: Float64Array; random: Float64Array }[] = [];
  for (const { row, ...own } of rows) {
    const occlusion = await occlude(predictBatch, row, { ...options, ...own });
    occlusions.push(occlusion);
    curves.push(await deletionCurves(predictBatch, row, occlusion, { steps, randomOrders, random, options }));
  }
  const areas = Float64Array.from(curves, (curve) => areaBelow(curve.random) - areaBelow(curve.important));
  return {
    removed: Float64Array.from({ length: steps + 1 }, (_, step) => step / steps),
    important: meanOf(curves.map((curve) => curve.important)),
    random: meanOf(curves.map((curve) => curve.random)),
    areas,
    meanArea: areas.reduce((sum, area) => sum + area, 0) / areas.length,
    pValue: signFlipTest(areas, { seed }),
    occlusions,
  };
}

interface CurveOptions {
  steps: number;
  randomOrders: number;
  random: Random;
  options: Omit<OcclusionOptions, 'classIndex'>;
}

async function deletionCurves(
  predictBatch: PredictBatch,
  row: Float32Array,
  occlusion: Occlusion,
  { steps, randomOrders, random, options }: CurveOptions,
): Promise<{ important: Float64Array; random: Float64Array }> {
  const { drop, classIndex } = occlusion;
  const cells = Array.from(drop.keys());
  const orders = [
    cells.toSorted((a, b) => drop[b] - drop[a]),
    ...Array.from({ length: randomOrders }, () => random.shuffle(cells)),
  ];
  const coverings = orders.flatMap((order) =>
    Array.from({ length: steps + 1 }, (_, step) => order.slice(0, Math.round((step * cells.length) / steps))),
  );
  const values = await probabilitiesCovered(predictBatch, row, coverings, {
    ...options,
    classIndex,
    grid: occlusion,
  });
  const curve = (order: number): Float64Array =>
    values.subarray(order * (steps + 1), (order + 1) * (steps + 1));
  return {
    important: curve(0),
    random: meanOf(Array.from({ length: randomOrders }, (_, i) => curve(i + 1))),
  };
}

/** Area under a curve over 0 to 1, by the trapezoidal rule. */
function areaBelow(curve: Float64Array): number {
  let area = 0;
  for (let i = 1; i < curve.length; i++) area += (curve[i - 1] + curve[i]) / 2;
  return area / (curve.length - 1);
}

function meanOf(curves: readonly Float64Array[]): Float64Array {
  return curves[0].map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length);
}

/** Significance level. */
const level = 0.05;

/** The result of a faithfulness check in words. */
export function faithfulnessVerdict({
  meanArea,
  pValue,
  areas,
}: Pick<Faithfulness, 'meanArea' | 'pValue' | 'areas'>): string {
  const rows = areas.length === 1 ? 'one row' : `${areas.length} rows`;
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  if (pValue > level) {
    return `Not shown to be faithful (${p}, ${rows}): covering the parts marked as important does not lower the probability significantly faster than covering random parts. Do not interpret the maps.`;
  }
  return `Faithful (${p}, ${rows}): when the parts marked as important are covered first, the probability is ${percentagePoints(meanArea)} points lower on average than with random parts covered.`;
}

/** Up to this number of values, all sign combinations are enumerated. */
const maxExactValues = 14;

/** Options of {@link signFlipTest}. */
export interface SignFlipOptions {
  /** number of random sign combinations if there are too many to enumerate; default 9,999 */
  draws?: number;
  /** default 42 */
  seed?: number;
}

/**
 * Sign-flip permutation test of whether the mean of differences is above 0: under the null hypothesis each sign is equally likely.
 *
 * @returns one-sided p-value; exact for up to 14 values
 * @throws {@link InvalidArgumentError} if there are no values, one of them is not finite, or `draws` is not a positive integer
 * @see scipy 1.17, `permutation_test(…, permutation_type='samples', alternative='greater')`
 * @example
 * ```ts
 * signFlipTest([1, 2, 3]); // 0.125
 * ```
 */
export function signFlipTest(
  differences: ArrayLike<number>,
  { draws = 9999, seed = 42 }: SignFlipOptions = {},
): number {
  const count = differences.length;
  if (count === 0) throw new InvalidArgumentError('differences', 'a list with at least one number', []);
  if (!Number.isInteger(draws) || draws < 1)
    throw new InvalidArgumentError('draws', 'a positive integer', draws);
  const values = Array.from(differences);
  const invalid = values.find((value) => !Number.isFinite(value));
  if (invalid !== undefined) throw new InvalidArgumentError('differences', 'finite numbers', invalid);
  // sums that differ only by rounding count as equal
  const observed = values.reduce((sum, value) => sum + value, 0);
  const least = observed - 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  const isAsLarge = (isFlipped: (i: number) => boolean): boolean =>
    values.reduce((sum, value, i) => sum + (isFlipped(i) ? -value : value), 0) >= least;
  let asLarge = 0;
  if (count <= maxExactValues) {
    for (let signs = 0; signs < 2 ** count; signs++) {
      if (isAsLarge((i) => ((signs >> i) & 1) === 1)) asLarge++;
    }
    return asLarge / 2 ** count;
  }
  const random = createRandom(seed);
  for (let draw = 0; draw < draws; draw++) if (isAsLarge(() => random.uniform() < 0.5)) asLarge++;
  return (asLarge + 1) / (draws + 1);
}
