import { InvalidArgumentError } from '../base';
import { checkMatrix, checkPositiveInteger } from './checks';
import type { Matrix } from './matrix';

export interface DeltaOptions {
  /** frames in the fit, an odd number of at least 3, above `order`; default 9 */
  width?: number;
  /** which derivative, and the degree of the polynomial fitted; a positive integer; default 1 */
  order?: number;
  /**
   * the first and last `width / 2` frames: 'interp' takes the derivative of the polynomial fitted to the outermost `width`
   * frames, 'nearest' holds the first and the last frame outside the matrix; default 'interp'
   */
  mode?: 'interp' | 'nearest';
}

/**
 * How fast each coefficient changes over time, per frame: the derivative of a polynomial fitted to its neighbourhood
 * (Savitzky and Golay's filter).
 *
 * @param matrix - shape [frames, coefficients]; not changed
 * @returns same shape
 * @throws InvalidArgumentError if the matrix does not fit its shape, an option breaks its rule, or `mode` is 'interp' and
 *   there are fewer frames than `width`
 * @see librosa 0.11 `librosa.feature.delta`; scipy 1.17 `scipy.signal.savgol_filter`
 */
export function delta(matrix: Matrix, options: DeltaOptions = {}): Matrix {
  const { width = 9, order = 1, mode = 'interp' } = options;
  const { data, shape } = matrix;
  checkMatrix('matrix', data, shape);
  checkPositiveInteger('order', order);
  if (!Number.isSafeInteger(width) || width < 3 || width % 2 !== 1) {
    throw new InvalidArgumentError('width', 'an odd integer of at least 3', width);
  }
  if (width <= order) throw new InvalidArgumentError('width', `above the order (${order})`, width);
  if (!['interp', 'nearest'].includes(mode)) {
    throw new InvalidArgumentError('mode', "'interp' or 'nearest'", mode);
  }
  const [frames, columns] = shape;
  if (mode === 'interp' && width > frames) {
    throw new InvalidArgumentError('width', `at most the ${frames} frames where mode is 'interp'`, width);
  }
  const weights = derivativeWeights(width, order);
  const half = (width - 1) / 2;
  const out = new Float32Array(data.length);
  for (let frame = 0; frame < frames; frame++) {
    // The derivative of the highest order is the same all along the polynomial: at an edge, that of the outermost whole window.
    const middle = mode === 'interp' ? clamp(frame, half, frames - 1 - half) : frame;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const source = clamp(middle - half + i, 0, frames - 1);
        sum += weights[i] * data[source * columns + column];
      }
      out[frame * columns + column] = sum;
    }
  }
  return { data: out, shape: [...shape] };
}

/**
 * Weights that give the derivative of order m of a fitted polynomial of degree m: m! times its highest coefficient, which is
 * the projection on the monic orthogonal (Gram) polynomial of that degree.
 */
function derivativeWeights(width: number, order: number): Float64Array {
  const x = Float64Array.from({ length: width }, (_, i) => i - (width - 1) / 2);
  let previous = new Float64Array(width);
  let polynomial = new Float64Array(width).fill(1);
  let norm = width;
  let ratio = 0;
  let factorial = 1;
  for (let degree = 1; degree <= order; degree++) {
    const next = polynomial.map((value, i) => x[i] * value - ratio * previous[i]);
    const nextNorm = next.reduce((sum, value) => sum + value * value, 0);
    [previous, polynomial, ratio, norm] = [polynomial, next, nextNorm / norm, nextNorm];
    factorial *= degree;
  }
  return polynomial.map((value) => (factorial * value) / norm);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
