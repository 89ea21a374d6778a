import type { Clip, LeftOut } from '../base';
import type { Matrix } from '../dsp';
import type { FeatureConfig, FeatureName } from './config';
import type { FrontEnd } from './front-end';

/** Rows of numbers on disk. */
export interface RowSource {
  /** the file */
  path: string;
  /** number of values of each row */
  rowSize: number;
  /**
   * Copies rows into `out`.
   *
   * @param rows - row indices, in any order
   * @param out - shape [rows, rowSize]
   */
  read: (rows: ArrayLike<number>, out: Float32Array) => Promise<void>;
}

/** Features of many clips. Row `clip · versions + version` is one version of one clip. */
export interface FeatureSet {
  /** shape [clip, version, frame, coefficient]; frames that a clip does not have are 0; empty if there is a `source` */
  data: Float32Array;
  /** reads the rows from disk, for sets that do not fit in memory */
  source?: RowSource;
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
export type FeatureRows = Pick<
  FeatureSet,
  'data' | 'source' | 'shape' | 'frames' | 'versions' | 'columns' | 'config'
>;

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
  place: (clip: number, task: FeatureTask, matrix: Matrix) => void;
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
