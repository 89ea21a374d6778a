import type { FeatureSet } from './feature-set';

/**
 * Rows as sequences: what a network reads that is to see time.
 *
 * @returns shape [rows, frames, coefficients]; a view of the set, not a copy
 */
export function frameLayout({ data, shape: [clips, versions, frames, coefficients] }: FeatureSet): {
  data: Float32Array;
  shape: [rows: number, frames: number, coefficients: number];
} {
  return { data, shape: [clips * versions, frames, coefficients] };
}
