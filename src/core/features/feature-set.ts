import type { Clip, LeftOut } from '../base';
import type { Matrix } from '../dsp';
import type { FeatureConfig, FeatureName } from './config';
import { sampleFeature } from './sample-features';

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
