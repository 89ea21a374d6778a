import { formatCount, InvalidArgumentError, quantile, WorkbenchError } from '../base';
import type { Matrix } from '../dsp';
import { type FeatureRows, type FeatureSet, featureWidth } from './feature-set';

/**
 * Rows as in the paper's notebook: all frames of the first feature, then of the second, then of the third (frame by frame), by
 * default [108 ZCR | 108 RMS | 108 × 20 MFCC], 2,376 values.
 *
 * As in the notebook, the zeros of a clip with fewer frames are at the end of the row, so its second and third feature start
 * earlier than in other clips. {@link frameLayout} does not have this shift.
 *
 * @returns shape [rows, frames · coefficients]; a copy
 * @example
 * ```ts
 * const { data, shape } = flatPaperLayout(features); // [48648, 2376] for the four corpora
 * ```
 */
export function flatPaperLayout(set: FeatureRows): {
  data: Float32Array;
  shape: [rows: number, values: number];
} {
  requireInMemory(set);
  const [clips, versions, frames, coefficients] = set.shape;
  const rows = clips * versions;
  const values = frames * coefficients;
  const data = new Float32Array(rows * values);
  for (let row = 0; row < rows; row++)
    flatPaperRow(set, row, data.subarray(row * values, (row + 1) * values));
  return { data, shape: [rows, values] };
}

/**
 * One row of {@link flatPaperLayout}.
 *
 * @param out - output, shape [frames · coefficients]; default a new array
 * @returns `out`
 */
export function flatPaperRow(
  { data, source, shape, frames: counts, config }: FeatureRows,
  row: number,
  out = new Float32Array(shape[2] * shape[3]),
): Float32Array {
  requireInMemory({ source, shape });
  const [, , frames, coefficients] = shape;
  const start = row * frames * coefficients;
  let at = 0;
  let first = 0;
  for (const feature of config.features) {
    const width = featureWidth(feature, config);
    for (let i = 0; i < counts[row]; i++) {
      for (let k = 0; k < width; k++) out[at++] = data[start + i * coefficients + first + k];
    }
    first += width;
  }
  return out.fill(0, at);
}

/**
 * Rows as sequences of frames, for networks that use time.
 *
 * @returns shape [rows, frames, coefficients]; a view of the set
 */
export function frameLayout(set: FeatureSet): {
  data: Float32Array;
  shape: [rows: number, frames: number, coefficients: number];
} {
  requireInMemory(set);
  const [clips, versions, frames, coefficients] = set.shape;
  return { data: set.data, shape: [clips * versions, frames, coefficients] };
}

/**
 * Rows as log-mel spectrograms, without other features.
 *
 * @returns dB, shape [rows, frames, nMels]; 0 in frames that a clip does not have
 * @throws {@link InvalidArgumentError} if the set has no `logMel`
 */
export function logMelLayout({ data, source, shape, config, columns }: FeatureRows): {
  data: Float32Array;
  shape: [rows: number, frames: number, bands: number];
} {
  requireInMemory({ source, shape });
  if (!config.features.includes('logMel')) {
    throw new InvalidArgumentError(
      'features',
      'a list that includes logMel (for this layout)',
      config.features,
    );
  }
  const [clips, versions, frames, coefficients] = shape;
  const first = columns.findIndex((name) => name.startsWith('logMel'));
  const { nMels } = config;
  const bands = new Float32Array(clips * versions * frames * nMels);
  for (let i = 0; i < clips * versions * frames; i++) {
    const start = i * coefficients + first;
    bands.set(data.subarray(start, start + nMels), i * nMels);
  }
  return { data: bands, shape: [clips * versions, frames, nMels] };
}

/**
 * The frames of one version of one clip, without zero padding.
 *
 * @param row - clip · versions + version
 * @returns shape [frames, coefficients]; a view of the set
 * @throws {@link InvalidArgumentError} if there is no such row
 * @example
 * ```ts
 * const row = clip * features.versions.length + features.versions.indexOf('noise');
 * const { data, shape } = rowMatrix(features, row);
 * ```
 */
export function rowMatrix({ data, source, shape, frames: counts }: FeatureSet, row: number): Matrix {
  requireInMemory({ source, shape });
  const [clips, versions, frames, coefficients] = shape;
  if (!Number.isInteger(row) || row < 0 || row >= clips * versions) {
    throw new InvalidArgumentError('row', `a row of the set, 0 to ${clips * versions - 1}`, row);
  }
  const start = row * frames * coefficients;
  return {
    data: data.subarray(start, start + counts[row] * coefficients),
    shape: [counts[row], coefficients],
  };
}

/**
 * Statistics of each coefficient over time, in the manner of eGeMAPS, for classifiers that do not model time.
 *
 * They are mean, standard deviation (of the population) and percentiles (linearly interpolated as in numpy) over the frames of
 * the row, without zero padding. Those of `f0` cover voiced frames only, and one more column is the share of voiced frames. A
 * row without frames is all zeros.
 *
 * @param options - `percentiles`: 0 to 100; default 20, 50, 80
 * @returns shape [rows, columns], and the names of the columns: `rms.mean`, `mfcc3.std`, `f0.p50`, `f0.voiced`, …
 * @throws {@link InvalidArgumentError} if a percentile is not in 0 to 100
 * @see F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set", IEEE Transactions on Affective Computing 2016
 * @example
 * ```ts
 * const { data, columns } = functionals(features, { percentiles: [10, 50, 90] });
 * ```
 */
export function functionals(
  set: Pick<FeatureSet, 'data' | 'source' | 'shape' | 'frames' | 'columns'>,
  { percentiles = [20, 50, 80] }: { percentiles?: readonly number[] } = {},
): { data: Float32Array; shape: [rows: number, columns: number]; columns: string[] } {
  for (const percent of percentiles) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new InvalidArgumentError('percentiles', 'numbers from 0 to 100', percent);
    }
  }
  requireInMemory(set);
  const columns = set.columns.flatMap((column) => [
    `${column}.mean`,
    `${column}.std`,
    ...percentiles.map((percent) => `${column}.p${percent}`),
    ...(column === 'f0' ? ['f0.voiced'] : []),
  ]);
  const [clips, versions, frames, coefficients] = set.shape;
  const rows = clips * versions;
  const data = new Float32Array(rows * columns.length);
  const values = new Float32Array(frames);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (const [k, column] of set.columns.entries()) {
      let count = 0;
      for (let i = 0; i < set.frames[row]; i++) {
        const value = set.data[(row * frames + i) * coefficients + k];
        if (value !== 0 || column !== 'f0') values[count++] = value;
      }
      const sorted = values.subarray(0, count).sort();
      const average = mean(sorted);
      data[next++] = average;
      data[next++] = Math.sqrt(mean(sorted, average));
      for (const percent of percentiles)
        data[next++] = sorted.length > 0 ? quantile(sorted, percent / 100) : 0;
      if (column === 'f0') data[next++] = set.frames[row] > 0 ? count / set.frames[row] : 0;
    }
  }
  return { data, shape: [rows, columns.length], columns };
}

/** The mean, or with a centre the mean squared deviation from it; 0 if there are no values. */
function mean(values: Float32Array, centre?: number): number {
  let sum = 0;
  for (const value of values) sum += centre === undefined ? value : (value - centre) ** 2;
  return values.length > 0 ? sum / values.length : 0;
}

/**
 * Some rows of a set, one version per clip, in memory.
 *
 * @param rows - row indices
 */
export async function readRows(set: FeatureRows, rows: ArrayLike<number>): Promise<FeatureRows> {
  const [, , frames, coefficients] = set.shape;
  const rowSize = frames * coefficients;
  const data = new Float32Array(rows.length * rowSize);
  if (set.source) await set.source.read(rows, data);
  else
    for (let i = 0; i < rows.length; i++)
      data.set(set.data.subarray(rows[i] * rowSize, (rows[i] + 1) * rowSize), i * rowSize);
  return {
    data,
    shape: [rows.length, 1, frames, coefficients],
    frames: Int32Array.from(rows, (row) => set.frames[row]),
    versions: set.versions.slice(0, 1),
    columns: set.columns,
    config: set.config,
  };
}

/** @throws {@link WorkbenchError} if the rows of a set are on disk */
export function requireInMemory({ source, shape }: Pick<FeatureSet, 'source' | 'shape'>): void {
  if (!source) return;
  const [clips, versions] = shape;
  throw new WorkbenchError(
    `the features of ${formatCount(clips)} clips in ${versions} versions are on disk, because they exceed the memory for rows; ` +
      'use fewer clips, or raise SER_MEMORY',
  );
}
