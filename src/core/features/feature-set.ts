import type { Clip } from '../base';
import type { FeatureConfig } from './config';

/** Features of many clips. Row `clip · versions + version` is one version of one clip. */
export interface FeatureSet {
  /** shape [clip, version, frame, coefficient]; frames that a clip is too short for are 0 */
  data: Float32Array;
  shape: [clips: number, versions: number, frames: number, coefficients: number];
  /** frames that a row has before the zeros; shape [clip, version] */
  frames: Int32Array;
  /** the clips in the order of the rows; a file that failed is not among them */
  clips: Clip[];
  /** names of the versions */
  versions: string[];
  /** names of the coefficients */
  columns: string[];
  failed: { path: string; reason: string }[];
  config: FeatureConfig;
}

/** The numbers of a feature set, whosever they are. */
export type FeatureRows = Pick<FeatureSet, 'data' | 'shape' | 'frames' | 'versions' | 'columns' | 'config'>;
