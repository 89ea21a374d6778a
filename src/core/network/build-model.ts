import type { LayersModel } from '@tensorflow/tfjs';
import { InvalidArgumentError } from '../base';
import type { ModelConfig } from '../config';
import { compactCnn, logMelCnn } from './compact-networks';
import type { TensorFlow } from './engine';
import { cnnLstm, lstmStack, paperCnn } from './paper-networks';

/**
 * The network that a config asks for, with fresh weights.
 *
 * @param inputShape - of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param seed - of the weights
 * @throws {@link InvalidArgumentError} if the config asks for no network, or an option breaks its rule
 */
export function buildModel(
  tf: TensorFlow,
  { kind, width, head, dropout }: ModelConfig,
  inputShape: readonly number[],
  { classes, seed }: { classes: number; seed: number },
): LayersModel {
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
