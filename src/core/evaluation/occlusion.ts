import { InvalidArgumentError } from '../base';

/**
 * Predicts the probabilities of a batch of rows.
 *
 * @param batch - shape [rows, frames, coefficients]
 * @returns shape [rows, classes]
 */
export type PredictBatch = (batch: Float32Array, rows: number) => Float32Array | Promise<Float32Array>;

/** Importance of each part of a row for one class. */
export interface Occlusion {
  /** decrease in the probability of the class when the cell is covered; shape [windows, groups] */
  drop: Float64Array;
  /** probability of the class with nothing covered */
  probability: number;
  /** frames of each window */
  windows: { from: number; to: number }[];
  groups: readonly CoefficientGroup[];
  shape: [frames: number, coefficients: number];
  /** explained class, an index */
  classIndex: number;
}

/** Options of `occlude`. */
export interface OcclusionOptions {
  /** shape of the row */
  shape: readonly [frames: number, coefficients: number];
  /** class to explain, for example the actual one */
  classIndex: number;
  /** coefficients that are covered together; default each separately */
  groups?: readonly CoefficientGroup[];
  /** frames per window; default 9, a twelfth of the paper's 108 */
  windowFrames?: number;
  /** number of frames before the zero padding; default all */
  frames?: number;
  /** replacement: one value, or one per coefficient; default 0, the training mean of scaled rows */
  fill?: number | ArrayLike<number>;
  /** number of rows per prediction; default 64 */
  batchSize?: number;
}

/**
 * Explains a prediction by occlusion: covers a row piece by piece (time window × coefficients) and records the decrease in the
 * probability of the class. Windows do not overlap.
 *
 * @param row - shape [frames, coefficients]
 * @throws {@link InvalidArgumentError} if the shape does not match the row, an option is out of range, or the model does not
 * return the class
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

/** Cells of an occlusion, numbered `window · groups + group`. */
interface OcclusionGrid {
  windows: { from: number; to: number }[];
  groups: readonly CoefficientGroup[];
}

/** Divides a row into cells; the last window may be shorter. */
function occlusionGrid(
  row: Float32Array,
  {
    shape: [frames, coefficients],
    groups = Array.from({ length: coefficients }, (_, k) => ({ name: String(k), from: k, to: k + 1 })),
    windowFrames = 9,
    frames: soundFrames = frames,
  }: OcclusionOptions,
): OcclusionGrid {
  if (row.length === 0 || row.length !== frames * coefficients) {
    throw new InvalidArgumentError('shape', `one with ${row.length} values, like the row`, [
      frames,
      coefficients,
    ]);
  }
  if (!Number.isInteger(windowFrames) || windowFrames < 1) {
    throw new InvalidArgumentError('windowFrames', 'a positive integer', windowFrames);
  }
  if (!Number.isInteger(soundFrames) || soundFrames < 1 || soundFrames > frames) {
    throw new InvalidArgumentError('frames', `an integer from 1 to ${frames}`, soundFrames);
  }
  const outside = groups.find(({ from, to }) => !(from >= 0 && from < to && to <= coefficients));
  if (groups.length === 0 || outside) {
    throw new InvalidArgumentError(
      'groups',
      `non-empty ranges within ${coefficients} coefficients`,
      outside ?? [],
    );
  }
  const windows = Array.from({ length: Math.ceil(soundFrames / windowFrames) }, (_, i) => ({
    from: i * windowFrames,
    to: Math.min((i + 1) * windowFrames, soundFrames),
  }));
  return { windows, groups };
}

/**
 * The probability of the class with cells covered.
 *
 * @param coverings - lists of cells
 * @returns one probability per covering
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
      `one value, or one per coefficient (${coefficients})`,
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
    const predicted = await predictBatch(batch, part.length);
    const classCount = predicted.length / part.length;
    if (!Number.isInteger(classCount) || !(classIndex >= 0 && classIndex < classCount)) {
      throw new InvalidArgumentError(
        'classIndex',
        `an index into the ${classCount} classes of the model`,
        classIndex,
      );
    }
    part.forEach((_, i) => (probabilities[start + i] = predicted[i * classCount + classIndex]));
  }
  return probabilities;
}

/** Neighbouring coefficients that are covered together. */
export interface CoefficientGroup {
  /** `zcr`, `mfcc 0–2`, `logMel 0–15` */
  name: string;
  /** first column */
  from: number;
  /** end, exclusive */
  to: number;
}

/**
 * Divides the columns of a feature set into groups of neighbouring coefficients of the same feature, few enough to be readable in
 * a figure.
 *
 * @param columns - names as in {@link columnNames}: `zcr`, `rms`, `mfcc0`, `mfcc1`, …
 * @param most - maximum number of groups per feature; default 8
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
