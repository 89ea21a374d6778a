import { InvalidArgumentError } from '../base';
import { type FeatureSet, flatPaperRow } from '../features';

/** A table as `showTable` takes it; shape of `values` [rows, columns]. */
export interface FeatureTable {
  columns: string[];
  values: (number | string)[][];
}

export interface FeatureTableOptions {
  /** rows shown, from the first; default 5 */
  rows?: number;
  /** numbers shown of each row, half of them its first and half its last; default 8 */
  columns?: number;
  /** a last column with the clip's emotion; default false */
  emotions?: boolean;
}

/**
 * The head of the paper's feature table (its Fig. 7; with the emotions, Fig. 8): a row for each version of each clip, its
 * numbers in the order of `flatPaperLayout` under the names 0, 1, 2…, of which the middle is left out.
 *
 * @throws {@link InvalidArgumentError} if an option is not a positive integer
 */
export function featureTable(
  set: FeatureSet,
  { rows = 5, columns = 8, emotions = false }: FeatureTableOptions = {},
): FeatureTable {
  for (const [name, value] of Object.entries({ rows, columns })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(name, 'a positive integer', value);
  }
  const [clips, versions, frames, coefficients] = set.shape;
  const width = frames * coefficients;
  const all = Array.from({ length: width }, (_, i) => i);
  const isCut = columns < width;
  const ends = isCut
    ? [all.slice(0, Math.ceil(columns / 2)), all.slice(width - Math.floor(columns / 2))]
    : [all, []];
  const line = <T>(cell: (index: number) => T, last: T | string): (T | string)[] => [
    ...ends[0].map(cell),
    ...(isCut ? ['…'] : []),
    ...ends[1].map(cell),
    ...(emotions ? [last] : []),
  ];
  return {
    columns: line(String, 'emotion'),
    values: Array.from({ length: Math.min(rows, clips * versions) }, (_, row) => {
      const numbers = flatPaperRow(set, row);
      return line<number | string>((i) => numbers[i], set.clips[Math.floor(row / versions)].emotion);
    }),
  };
}

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
