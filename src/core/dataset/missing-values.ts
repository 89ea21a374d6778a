import type { FeatureSet } from '../features';

/** How many values of a column are missing. */
export interface MissingCount {
  column: string;
  missing: number;
  of: number;
}

/** Counts the values of each feature that are missing (NaN), over all clips, versions and frames: rows for `showTable`. */
export function missingValues({ data, columns }: Pick<FeatureSet, 'data' | 'columns'>): MissingCount[] {
  const missing = new Float64Array(columns.length);
  for (let i = 0; i < data.length; i += columns.length) {
    for (let k = 0; k < columns.length; k++) if (Number.isNaN(data[i + k])) missing[k]++;
  }
  return columns.map((column, k) => ({ column, missing: missing[k], of: data.length / columns.length }));
}

/**
 * Puts a value in place of those that are missing, as the paper's notebook does with 0.
 *
 * @returns a set with its own data; the set itself, not a copy, if nothing is missing
 */
export function fillMissing<Set extends Pick<FeatureSet, 'data'>>(set: Set, value = 0): Set {
  if (!set.data.some(Number.isNaN)) return set;
  return { ...set, data: set.data.map((each) => (Number.isNaN(each) ? value : each)) };
}
