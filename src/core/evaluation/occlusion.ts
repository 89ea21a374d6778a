import { InvalidArgumentError } from '../base';

/**
 * A model as a function: probabilities of many rows at once.
 *
 * @param batch - shape [rows, frames, coefficients]
 * @returns shape [rows, classes]
 */
export type PredictBatch = (batch: Float32Array, rows: number) => Float32Array | Promise<Float32Array>;

/** How much each part of a row counts for one class. */
export interface Occlusion {
  /** the class's probability lost when the cell is covered; shape [windows, groups] */
  drop: Float64Array;
  /** the class's probability with nothing covered */
  probability: number;
  /** frames of each window */
  windows: { from: number; to: number }[];
  groups: readonly CoefficientGroup[];
  shape: [frames: number, coefficients: number];
  /** class that was looked at, an index */
  classIndex: number;
}

export interface OcclusionOptions {
  /** of the row */
  shape: readonly [frames: number, coefficients: number];
  /** class whose probability is watched: the actual one, say */
  classIndex: number;
  /** what is covered together; by default each coefficient by itself */
  groups?: readonly CoefficientGroup[];
  /** frames of a window; 9 by default, a twelfth of the paper's 108 */
  windowFrames?: number;
  /** frames that hold sound, where zeros follow; all by default */
  frames?: number;
  /** what covers: one value, or one a coefficient; 0 by default, the mean of training if rows are scaled */
  fill?: number | ArrayLike<number>;
  /** rows given to the model at once; 64 by default */
  batchSize?: number;
}

/**
 * Asks what a model looks at: covers a row piece by piece, time window × coefficients, and notes how far the class's
 * probability falls. The windows do not overlap.
 *
 * @param row - shape [frames, coefficients]
 * @throws {@link InvalidArgumentError} if the shape does not fit the row, the options are out of range, or the model
 *   returns no probability for the class
 * @see Zeiler and Fergus (2014), Visualizing and understanding convolutional networks
 */
export async function occlude(
  predictBatch: PredictBatch,
  row: Float32Array,
  options: OcclusionOptions,
): Promise<Occlusion> {
  const { classIndex, shape } = options;
  const grid = occlusionGrid(row, options);
  const cells = Array.from({ length: grid.windows.length * grid.groups.length }, (_, cell) => [cell]);
  const [probability, ...covered] = await probabilitiesCovered(predictBatch, row, [[], ...cells], {
    ...options,
    grid,
  });
  return {
    drop: Float64Array.from(covered, (value) => probability - value),
    probability,
    ...grid,
    shape: [...shape],
    classIndex,
  };
}

/** The cells of an occlusion; cell `window · groups + group`. */
interface OcclusionGrid {
  windows: { from: number; to: number }[];
  groups: readonly CoefficientGroup[];
}

/** Divides a row into cells, the last window shorter if need be. */
function occlusionGrid(
  row: Float32Array,
  {
    shape: [frames, coefficients],
    groups = Array.from({ length: coefficients }, (_, k) => ({ name: String(k), from: k, to: k + 1 })),
    windowFrames = 9,
    frames: sounding = frames,
  }: OcclusionOptions,
): OcclusionGrid {
  if (row.length === 0 || row.length !== frames * coefficients) {
    throw new InvalidArgumentError('shape', `of the row's ${row.length} values`, [frames, coefficients]);
  }
  if (!Number.isInteger(windowFrames) || windowFrames < 1) {
    throw new InvalidArgumentError('windowFrames', 'a positive integer', windowFrames);
  }
  if (!Number.isInteger(sounding) || sounding < 1 || sounding > frames) {
    throw new InvalidArgumentError('frames', `an integer from 1 to ${frames}`, sounding);
  }
  const outside = groups.find(({ from, to }) => !(from >= 0 && from < to && to <= coefficients));
  if (groups.length === 0 || outside) {
    throw new InvalidArgumentError('groups', `parts of the ${coefficients} coefficients`, outside ?? []);
  }
  const windows = Array.from({ length: Math.ceil(sounding / windowFrames) }, (_, i) => ({
    from: i * windowFrames,
    to: Math.min((i + 1) * windowFrames, sounding),
  }));
  return { windows, groups };
}

/**
 * The class's probability with some cells covered.
 *
 * @param coverings - lists of cells
 * @returns one a covering
 */
export async function probabilitiesCovered(
  predictBatch: PredictBatch,
  row: Float32Array,
  coverings: readonly (readonly number[])[],
  {
    shape: [, coefficients],
    classIndex,
    fill = 0,
    batchSize = 64,
    grid: { windows, groups },
  }: OcclusionOptions & { grid: OcclusionGrid },
): Promise<Float64Array> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidArgumentError('batchSize', 'a positive integer', batchSize);
  }
  if (typeof fill !== 'number' && fill.length !== coefficients) {
    throw new InvalidArgumentError(
      'fill',
      `one value, or one for each of ${coefficients} coefficients`,
      fill.length,
    );
  }
  const probabilities = new Float64Array(coverings.length);
  for (let start = 0; start < coverings.length; start += batchSize) {
    const part = coverings.slice(start, start + batchSize);
    const batch = new Float32Array(part.length * row.length);
    part.forEach((cells, i) => {
      const copy = batch.subarray(i * row.length, (i + 1) * row.length);
      copy.set(row);
      for (const cell of cells) {
        const { from, to } = windows[Math.floor(cell / groups.length)];
        const group = groups[cell % groups.length];
        for (let frame = from; frame < to; frame++) {
          for (let k = group.from; k < group.to; k++) {
            copy[frame * coefficients + k] = typeof fill === 'number' ? fill : fill[k];
          }
        }
      }
    });
    const said = await predictBatch(batch, part.length);
    const classes = said.length / part.length;
    if (!Number.isInteger(classes) || !(classIndex >= 0 && classIndex < classes)) {
      throw new InvalidArgumentError(
        'classIndex',
        `one of the ${classes} classes that the model returns`,
        classIndex,
      );
    }
    part.forEach((_, i) => (probabilities[start + i] = said[i * classes + classIndex]));
  }
  return probabilities;
}

/** Neighbouring coefficients that are covered together. */
export interface CoefficientGroup {
  /** `zcr`, `mfcc 0–2`, `logMel 0–15` */
  name: string;
  /** first column */
  from: number;
  /** after the last column */
  to: number;
}

/**
 * Divides the columns of a feature set into groups of neighbours of the same kind: at most eight of each feature, so that a
 * picture of them can be read.
 *
 * @param columns - names as of {@link columnNames}: `zcr`, `rms`, `mfcc0`, `mfcc1`…
 * @param most - groups of one feature; 8 by default
 * @throws {@link InvalidArgumentError} if there are no columns, or `most` is not a positive integer
 */
export function coefficientGroups(
  columns: readonly string[],
  { most = 8 }: { most?: number } = {},
): CoefficientGroup[] {
  if (columns.length === 0) throw new InvalidArgumentError('columns', 'a list with at least one name', []);
  if (!Number.isInteger(most) || most < 1) throw new InvalidArgumentError('most', 'a positive integer', most);
  const featureOf = (column: number): string => columns[column].replace(/\d+$/, '');
  const groups: CoefficientGroup[] = [];
  for (let start = 0; start < columns.length;) {
    const feature = featureOf(start);
    let end = start + 1;
    while (end < columns.length && featureOf(end) === feature) end++;
    const size = Math.ceil((end - start) / most);
    for (let from = start; from < end; from += size) {
      const to = Math.min(from + size, end);
      const numbers = to - from === 1 ? `${from - start}` : `${from - start}–${to - 1 - start}`;
      groups.push({ name: end - start === 1 ? columns[start] : `${feature} ${numbers}`, from, to });
    }
    start = end;
  }
  return groups;
}
