/**
 * Share of a standard normal distribution below x, by its Taylor series: right to 1e-15 for |x| < 7.
 *
 * @see Marsaglia (2004), Evaluating the normal distribution, doi 10.18637/jss.v011.i04
 */
export function normalShareBelow(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * The x below which a share of a standard normal distribution lies: the inverse of {@link normalShareBelow}, by bisection.
 *
 * @param share - beyond those at −8 and 8 these are returned
 */
export function normalQuantile(share: number): number {
  let low = -8;
  let high = 8;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalShareBelow(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
