import type { Box } from './svg-box';

/** Affine map `[a, b, c, d, e, f]` in SVG's order: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** The map an element's `transform` attribute describes: translate, rotate (about a point), scale and matrix. */
export function parseTransform(transform: string | null): Matrix {
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  for (const [, name, list] of transform?.matchAll(/(\w+)\s*\(([^)]*)\)/g) ?? []) {
    const values = list
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number);
    matrix = multiply(matrix, primitive(name, values));
  }
  return matrix;
}

/** The map that applies `inner` first, then `outer`. */
export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** The axis-aligned box around a mapped box. */
export function applyToBox([a, b, c, d, e, f]: Matrix, { x, y, width, height }: Box): Box {
  const corners = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ] as const;
  const xs = corners.map(([px, py]) => a * px + c * py + e);
  const ys = corners.map(([px, py]) => b * px + d * py + f);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

function primitive(name: string, values: readonly number[]): Matrix {
  const [first = 0, second = name === 'scale' ? first : 0, third = 0] = values;
  switch (name) {
    case 'translate':
      return [1, 0, 0, 1, first, second];
    case 'scale':
      return [first, 0, 0, second, 0, 0];
    case 'rotate': {
      const cos = Math.cos((first * Math.PI) / 180);
      const sin = Math.sin((first * Math.PI) / 180);
      return [cos, sin, -sin, cos, second - cos * second + sin * third, third - sin * second - cos * third];
    }
    case 'matrix':
      return values as unknown as Matrix;
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}
