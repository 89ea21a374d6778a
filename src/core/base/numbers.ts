/** A count with thousands separators: `1,923`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A share of one in percent: `15.8 %`. */
export function formatPercent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** The median; of an even number of values the mean of the two in the middle; NaN if there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
