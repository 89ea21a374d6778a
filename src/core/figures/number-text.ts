/** A count with thousands separators: 1,923. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** A share of one as per cent: 15.8 %. */
export function shareText(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
