/** The points that a path's straight segments join; of a curve, its end points (enough for layout and arrow heads). */
export function polyline(d: string): [number, number][] {
  const points: [number, number][] = [];
  let x = 0;
  let y = 0;
  for (const [, command, list] of d.matchAll(/([MLHVCSQTAZ])([^MLHVCSQTAZ]*)/gi)) {
    const letter = command.toUpperCase();
    const relative = command !== letter;
    const values = (list.match(/-?\d*\.?\d+(?:e-?\d+)?/gi) ?? []).map(Number);
    const size = { M: 2, L: 2, T: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, A: 7 }[letter];
    for (let at = 0; size !== undefined && at + size <= values.length; at += size) {
      const lastX = letter === 'V' ? undefined : values[at + size - (letter === 'H' ? 1 : 2)];
      const lastY = letter === 'H' ? undefined : values[at + size - 1];
      if (lastX !== undefined) x = lastX + (relative ? x : 0);
      if (lastY !== undefined) y = lastY + (relative ? y : 0);
      points.push([x, y]);
    }
  }
  return points;
}

/** Length along a polyline, in its own units. */
export function polylineLength(points: readonly (readonly [number, number])[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    sum += Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]);
  }
  return sum;
}

/** The point at a distance along a polyline, at most its end. */
export function pointAlong(
  points: readonly (readonly [number, number])[],
  distance: number,
): { x: number; y: number } {
  let left = Math.max(0, distance);
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1];
    const [x1, y1] = points[i];
    const step = Math.hypot(x1 - x0, y1 - y0);
    if (left <= step && step > 0)
      return { x: x0 + ((x1 - x0) * left) / step, y: y0 + ((y1 - y0) * left) / step };
    left -= step;
  }
  const [x, y] = points.at(-1) ?? [0, 0];
  return { x, y };
}
