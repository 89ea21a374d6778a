import type { LayersModel } from '@tensorflow/tfjs';
import { InvalidArgumentError } from '../base';
import { checkModelSize, type ModelConfig } from '../config';
import { compactCnn, logMelCnn } from './compact-networks';
import type { TensorFlow } from './engine';
import { cnnLstm, lstmStack, paperCnn } from './paper-networks';

/**
 * Builds the network of a model config, with initial weights.
 *
 * @param inputShape - shape of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param options - number of `classes`; `seed` of the initial weights
 * @throws {@link InvalidArgumentError} if `kind` is not a network, or an option is out of range
 * @example
 * ```ts
 * const model = buildModel(tf, experimentConfig('quick').model, [108, 22], { classes: 7, seed: 1 });
 * ```
 */
export function buildModel(
  tf: TensorFlow,
  { kind, width, head, dropout }: ModelConfig,
  inputShape: readonly number[],
  { classes, seed }: { classes: number; seed: number },
): LayersModel {
  checkModelSize({ kind, width, head }, inputShape);
  const shape = { classes, dropout, seed };
  const [first, second] = inputShape;
  switch (kind) {
    case 'paper':
      return paperCnn(tf, { ...shape, values: first });
    case 'compact':
      return compactCnn(tf, { ...shape, frames: first, coefficients: second, width, head });
    case 'log-mel':
      return logMelCnn(tf, { ...shape, frames: first, bands: second, width });
    case 'lstm':
      return lstmStack(tf, { ...shape, frames: first, coefficients: second });
    case 'cnn-lstm':
      return cnnLstm(tf, { ...shape, frames: first, coefficients: second });
    case 'knn':
    case 'svm':
    case 'majority':
      throw new InvalidArgumentError('model.kind', 'a network', kind);
  }
}
