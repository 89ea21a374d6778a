import { type Clip, InvalidArgumentError, type LeftOut, quantile } from '../base';
import type { Matrix } from '../dsp';
import type { FeatureConfig, FeatureName } from './config';
import type { FrontEnd } from './front-end';

/** Features of many clips. Row `clip · versions + version` is one version of one clip. */
export interface FeatureSet {
  /** shape [clip, version, frame, coefficient]; frames that a clip does not have are 0 */
  data: Float32Array;
  shape: [clips: number, versions: number, frames: number, coefficients: number];
  /** number of frames of each row before the zeros; shape [clip, version] */
  frames: Int32Array;
  /** in the order of the rows, without clips that failed */
  clips: Clip[];
  /** names of the versions */
  versions: string[];
  /** names of the coefficients */
  columns: string[];
  failed: { path: string; reason: string }[];
  /** the failed clips, counted by class, speaker and reason; empty if none failed */
  leftOut: LeftOut[];
  config: FeatureConfig;
}

/** A feature set without information about its clips. */
export type FeatureRows = Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'versions' | 'columns' | 'config'>;

/** One feature of one version of a clip. */
export interface FeatureTask {
  /** index into the configuration's `versions` */
  version: number;
  /** index into the configuration's `features` */
  feature: number;
}

/** All features of a clip, version by version. */
export function allTasks({ versions, features }: FeatureConfig): FeatureTask[] {
  return Object.keys(versions).flatMap((_, version) => features.map((_, feature) => ({ version, feature })));
}

/** Collects features in one array. */
export interface Rows {
  /** copies one feature of one version of one clip to its columns */
  place(clip: number, task: FeatureTask, matrix: Matrix): void;
  /** the array without some clips; rows are moved in place, so call it last */
  without(failed: ReadonlyMap<number, unknown>): Pick<FeatureSet, 'data' | 'shape' | 'frames'>;
}

/** Allocates an array of zeros for the features of all clips. */
export function createRows(clips: readonly unknown[], config: FeatureConfig): Rows {
  const widths = config.features.map((feature) => featureWidth(feature, config));
  const firstColumns = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const columns = widths.reduce((sum, width) => sum + width, 0);
  const versions = Object.keys(config.versions).length;
  const rowFrames = frameCount(config);
  const rowSize = rowFrames * columns;
  const data = new Float32Array(clips.length * versions * rowSize);
  const frames = new Int32Array(clips.length * versions);

  return {
    place: (clip, { version, feature }, { data: values, shape: [count, width] }) => {
      const row = clip * versions + version;
      frames[row] = count;
      const start = row * rowSize + firstColumns[feature];
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < width; k++) data[start + i * columns + k] = values[i * width + k];
      }
    },
    without: (failed) => {
      let kept = 0;
      for (let clip = 0; clip < clips.length; clip++) {
        if (failed.has(clip)) continue;
        if (kept < clip) {
          const size = versions * rowSize;
          data.copyWithin(kept * size, clip * size, (clip + 1) * size);
          frames.copyWithin(kept * versions, clip * versions, (clip + 1) * versions);
        }
        kept++;
      }
      return {
        data: data.subarray(0, kept * versions * rowSize),
        shape: [kept, versions, rowFrames, columns],
        frames: frames.subarray(0, kept * versions),
      };
    },
  };
}

/** Number of columns of a feature. */
export function featureWidth(
  feature: FeatureName,
  { nMfcc, nMels }: Pick<FeatureConfig, 'nMfcc' | 'nMels'>,
): number {
  if (feature === 'mfcc' || feature === 'deltas') return nMfcc;
  return feature === 'logMel' ? nMels : (sampleFeature(feature)?.columns ?? 1);
}

/** Names of the columns in order: `zcr`, `rms`, `mfcc0`, `mfcc1`, … */
export function columnNames(config: FeatureConfig): string[] {
  return config.features.flatMap((feature) => {
    const width = featureWidth(feature, config);
    return width === 1 ? [feature] : Array.from({ length: width }, (_, i) => `${feature}${i}`);
  });
}

/** Number of frames of a full window, 108 in the paper. */
export function frameCount({ sampleRate, durationSec, hopLength }: FeatureConfig): number {
  return 1 + Math.floor(Math.ceil(durationSec * sampleRate) / hopLength);
}

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
  { data, shape: [, , frames, coefficients], frames: counts, config }: FeatureRows,
  row: number,
  out = new Float32Array(frames * coefficients),
): Float32Array {
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
export function frameLayout({ data, shape: [clips, versions, frames, coefficients] }: FeatureSet): {
  data: Float32Array;
  shape: [rows: number, frames: number, coefficients: number];
} {
  return { data, shape: [clips * versions, frames, coefficients] };
}

/**
 * Rows as log-mel spectrograms, without other features.
 *
 * @returns dB, shape [rows, frames, nMels]; 0 in frames that a clip does not have
 * @throws {@link InvalidArgumentError} if the set has no `logMel`
 */
export function logMelLayout({ data, shape, config, columns }: FeatureRows): {
  data: Float32Array;
  shape: [rows: number, frames: number, bands: number];
} {
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
export function rowMatrix(
  { data, shape: [clips, versions, frames, coefficients], frames: counts }: FeatureSet,
  row: number,
): Matrix {
  if (!Number.isInteger(row) || row < 0 || row >= clips * versions) {
    throw new InvalidArgumentError('row', `a row of the set, 0 to ${clips * versions - 1}`, row);
  }
  const start = row * frames * coefficients;
  const shape: Matrix['shape'] = [counts[row], coefficients];
  return { data: data.subarray(start, start + shape[0] * coefficients), shape };
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
  set: Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'columns'>,
  { percentiles = [20, 50, 80] }: { percentiles?: readonly number[] } = {},
): { data: Float32Array; shape: [rows: number, columns: number]; columns: string[] } {
  for (const percent of percentiles) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new InvalidArgumentError('percentiles', 'numbers from 0 to 100', percent);
    }
  }
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

/** A feature that is computed by a separate function. */
export interface SampleFeature {
  /**
   * Computes the feature of one version of a clip.
   *
   * @param samples - at the configuration's sample rate
   * @returns shape [frames, columns], frames centred on multiples of `hopLength`
   */
  measure: (samples: Float32Array, config: SampleFeatureConfig, frontEnd: FrontEnd) => Matrix;
  /** number of columns; default 1 */
  columns?: number;
  /** options that the values depend on, in addition to sample rate, window and frames; part of the cache key */
  options?: readonly (keyof SampleFeatureConfig)[];
}

/** The options of a feature configuration that these features may use. (`FeatureConfig` itself would be a circular import.) */
export interface SampleFeatureConfig {
  sampleRate: number;
  nFft: number;
  hopLength: number;
  f0Min: number;
  f0Max: number;
}

/** Features computed one at a time, in addition to those that `FrontEnd.measure` computes together. Add new ones here. */
export const sampleFeatures = {
  f0: { measure: pitchContour, options: ['f0Min', 'f0Max'] },
} as const satisfies Record<string, SampleFeature>;

export type SampleFeatureName = keyof typeof sampleFeatures;

export const isSampleFeature = (name: string): name is SampleFeatureName =>
  Object.hasOwn(sampleFeatures, name);

/** Undefined for features of `FrontEnd.measure`. */
export const sampleFeature = (name: string): SampleFeature | undefined =>
  isSampleFeature(name) ? sampleFeatures[name] : undefined;

/** Fundamental frequency in Hz, 0 for unvoiced frames. */
function pitchContour(samples: Float32Array, config: SampleFeatureConfig, frontEnd: FrontEnd): Matrix {
  const { sampleRate, nFft, hopLength, f0Min, f0Max } = config;
  const frames = { frameLength: nFft, hopLength };
  const { f0Hz } = frontEnd.f0Contour(samples, { sampleRate, ...frames, fMin: f0Min, fMax: f0Max });
  return { data: f0Hz.map((hz) => (Number.isNaN(hz) ? 0 : hz)), shape: [f0Hz.length, 1] };
}
