import { InvalidArgumentError } from '../base';

/** Real matrix in row-major order: `data[row * columns + column]`. In spectrograms a row is a frame (in librosa a column). */
export interface Matrix {
  data: Float32Array;
  shape: [rows: number, columns: number];
}

/** Complex matrix, real and imaginary parts each laid out as in {@link Matrix}. */
export interface ComplexMatrix {
  real: Float32Array;
  imag: Float32Array;
  shape: [rows: number, columns: number];
}

/** @throws InvalidArgumentError if the number of values does not match the shape, or a dimension is 0 */
export function checkMatrix(name: string, data: Float32Array, shape: readonly [number, number]): void {
  const [rows, columns] = shape;
  if (!(rows >= 1 && columns >= 1 && rows * columns === data.length)) {
    const rule = `a non-empty matrix with as many values as its shape [${shape.join(', ')}]`;
    throw new InvalidArgumentError(name, rule, `${data.length} values`);
  }
}

/**
 * Mean of each column over all frames of all matrices, for example the average spectrum of several clips.
 *
 * @param matrices - shape [frames, columns] each, with equal columns
 * @returns shape [columns]
 * @throws InvalidArgumentError if there are no frames, or the matrices differ in their number of columns
 */
export function meanOverFrames(matrices: readonly Matrix[]): Float32Array {
  const frames = matrices.reduce((sum, { shape }) => sum + shape[0], 0);
  if (frames === 0)
    throw new InvalidArgumentError('matrices', 'a list with at least one frame', matrices.length);
  const columns = matrices[0].shape[1];
  const sums = new Float64Array(columns);
  for (const { data, shape } of matrices) {
    if (shape[1] !== columns)
      throw new InvalidArgumentError('matrices', `matrices with ${columns} columns each`, shape);
    for (let i = 0; i < data.length; i++) sums[i % columns] += data[i];
  }
  return Float32Array.from(sums, (sum) => sum / frames);
}
