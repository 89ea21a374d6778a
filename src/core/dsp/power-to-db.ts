import { InvalidArgumentError } from '../base';
import { checkMatrix, checkPositive } from './checks';
import type { Matrix } from './matrix';

export interface PowerToDbOptions {
  /** the power that is 0 dB, at least 0 (`amin` where it is below), or 'max' for the matrix's largest; default 1 */
  ref?: number | 'max';
  /** powers below this one count as this one; positive; default 1e-10 */
  amin?: number;
  /** everything more than this below the matrix's largest value is raised to there, dB; null for no limit; default 80 */
  topDb?: number | null;
}

/**
 * Powers as decibels: 10 · log10(power / ref).
 *
 * @param matrix - powers, any shape; not changed
 * @returns dB, same shape
 * @throws InvalidArgumentError if the matrix does not fit its shape or an option breaks its rule
 * @see librosa 0.11 `librosa.power_to_db`
 */
export function powerToDb(matrix: Matrix, options: PowerToDbOptions = {}): Matrix {
  const { ref = 1, amin = 1e-10, topDb = 80 } = options;
  checkMatrix('matrix', matrix.data, matrix.shape);
  checkPositive('amin', amin);
  checkDbLimits({ ref, topDb });
  const { data, shape } = matrix;
  let largest = amin;
  for (let i = 0; i < data.length; i++) if (data[i] > largest) largest = data[i];
  const zero = 10 * Math.log10(ref === 'max' ? largest : Math.max(amin, ref));
  const floor = topDb === null ? -Infinity : 10 * Math.log10(largest) - zero - topDb;
  const db = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    db[i] = Math.max(10 * Math.log10(Math.max(amin, data[i])) - zero, floor);
  }
  return { data: db, shape: [...shape] };
}

/** @throws InvalidArgumentError if one breaks its rule */
export function checkDbLimits({ ref, topDb }: Required<Pick<PowerToDbOptions, 'ref' | 'topDb'>>): void {
  if (ref !== 'max' && !(ref >= 0 && ref < Infinity)) {
    throw new InvalidArgumentError('ref', "a power of at least 0, or 'max'", ref);
  }
  if (topDb !== null && !(topDb >= 0)) {
    throw new InvalidArgumentError('topDb', 'at least 0 dB, or null for no limit', topDb);
  }
}
