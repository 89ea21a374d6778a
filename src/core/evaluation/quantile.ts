/**
 * The value below which a share of sorted values lies, with linear interpolation between neighbours, as numpy's
 * `quantile`.
 *
 * @param sorted - ascending, at least one
 * @param share - 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
