import { InvalidArgumentError } from '../base';
import type { Matrix } from './matrix';

/**
 * The mean of each column over all frames of all matrices: the average spectrum of a few clips.
 *
 * @param matrices - each of shape [frames, columns], with the same columns
 * @returns shape [columns]
 * @throws InvalidArgumentError if there is no frame, or the matrices have different numbers of columns
 */
export function meanOverFrames(matrices: readonly Matrix[]): Float32Array {
  const frames = matrices.reduce((sum, { shape }) => sum + shape[0], 0);
  if (frames === 0)
    throw new InvalidArgumentError('matrices', 'a list with at least one frame', matrices.length);
  const columns = matrices[0].shape[1];
  const sums = new Float64Array(columns);
  for (const { data, shape } of matrices) {
    if (shape[1] !== columns)
      throw new InvalidArgumentError('matrices', `matrices of ${columns} columns`, shape);
    for (let i = 0; i < data.length; i++) sums[i % columns] += data[i];
  }
  return Float32Array.from(sums, (sum) => sum / frames);
}
