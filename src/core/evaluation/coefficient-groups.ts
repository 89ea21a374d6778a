import { InvalidArgumentError } from '../base';

/** Neighbouring coefficients that are covered together. */
export interface CoefficientGroup {
  /** `zcr`, `mfcc 0–2`, `logMel 0–15` */
  name: string;
  /** first column */
  from: number;
  /** after the last column */
  to: number;
}

/**
 * Divides the columns of a feature set into groups of neighbours of the same kind: at most eight of each feature, so that a
 * picture of them can be read.
 *
 * @param columns - names as of {@link columnNames}: `zcr`, `rms`, `mfcc0`, `mfcc1`…
 * @param most - groups of one feature; 8 by default
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
