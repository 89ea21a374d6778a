import { InvalidArgumentError } from '../base';
import { checkMatrix, checkPositiveInteger } from './checks';
import type { Matrix } from './matrix';

export interface DctOptions {
  /** how many coefficients of each row are kept, at most the number of columns; default all */
  nCoefficients?: number;
}

/**
 * Discrete cosine transform of each row, type II, orthonormal: y[k] = √(2/N) · Σ x[n] · cos(π·k·(2n + 1) / 2N), y[0] over √2.
 *
 * @param matrix - shape [rows, N]; not changed
 * @returns shape [rows, nCoefficients]
 * @throws InvalidArgumentError if the matrix does not fit its shape or `nCoefficients` is not in 1 … N
 * @see scipy 1.17 `scipy.fft.dct(type=2, norm='ortho')`
 */
export function dct(matrix: Matrix, options: DctOptions = {}): Matrix {
  const { data, shape } = matrix;
  checkMatrix('matrix', data, shape);
  const [rows, columns] = shape;
  const { nCoefficients = columns } = options;
  checkPositiveInteger('nCoefficients', nCoefficients);
  if (nCoefficients > columns) {
    throw new InvalidArgumentError('nCoefficients', `at most the ${columns} columns`, nCoefficients);
  }
  const basis = cosineBasis(nCoefficients, columns);
  const out = new Float32Array(rows * nCoefficients);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < nCoefficients; k++) {
      let sum = 0;
      for (let n = 0; n < columns; n++) sum += basis[k * columns + n] * data[row * columns + n];
      out[row * nCoefficients + k] = sum;
    }
  }
  return { data: out, shape: [rows, nCoefficients] };
}

/** Shape [count, length]; the angle is reduced to one turn as an integer, so that large k · n lose nothing. */
function cosineBasis(count: number, length: number): Float64Array {
  const quarterTurns = Float64Array.from({ length: 4 * length }, (_, i) =>
    Math.cos((Math.PI * i) / (2 * length)),
  );
  return Float64Array.from({ length: count * length }, (_, i) => {
    const k = Math.floor(i / length);
    const n = i % length;
    const scale = Math.sqrt((k === 0 ? 1 : 2) / length);
    return scale * quarterTurns[(k * (2 * n + 1)) % (4 * length)];
  });
}
