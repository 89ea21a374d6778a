import { InvalidArgumentError } from '../base';
import { type FeatureSet, flatPaperRow, requireInMemory } from '../features';

/** A table for `showTable`; `values` has shape [rows, columns]. */
export interface FeatureTable {
  columns: string[];
  values: (number | string)[][];
}

/** Options of {@link featureTable}. */
export interface FeatureTableOptions {
  /** number of rows; default 5 */
  rows?: number;
  /** number of values per row, half from the start and half from the end; default 8 */
  columns?: number;
  /** adds a last column with the emotion of the clip; default false */
  emotions?: boolean;
}

/**
 * First rows of the paper's feature table (its Fig. 7; with emotions, Fig. 8): one row per version of each clip, values in the
 * order of `flatPaperLayout` in columns named 0, 1, 2, …; the columns in the middle are omitted.
 *
 * @returns a header and at most `rows` lines, for `showTable`
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

/** Number of missing values of a column. */
export interface MissingCount {
  column: string;
  missing: number;
  /** total number of values */
  of: number;
}

/**
 * Counts the missing values (NaN) of each feature over all clips, versions and frames: rows for `showTable`.
 *
 * @returns one record per column of the feature set
 */
export function missingValues(
  set: Pick<FeatureSet, 'data' | 'source' | 'shape' | 'columns'>,
): MissingCount[] {
  requireInMemory(set);
  const { data, columns } = set;
  const missing = new Float64Array(columns.length);
  for (let i = 0; i < data.length; i += columns.length) {
    for (let k = 0; k < columns.length; k++) if (Number.isNaN(data[i + k])) missing[k]++;
  }
  return columns.map((column, k) => ({ column, missing: missing[k], of: data.length / columns.length }));
}

/**
 * Replaces missing values (NaN), by default with 0 like the paper's notebook.
 *
 * @param value - replacement; default 0
 * @returns a set with its own data, or the same set if nothing is missing
 */
export function fillMissing<Set extends Pick<FeatureSet, 'data'>>(set: Set, value = 0): Set {
  if (!set.data.some(Number.isNaN)) return set;
  return { ...set, data: set.data.map((each) => (Number.isNaN(each) ? value : each)) };
}
