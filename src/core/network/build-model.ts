import type { LayersModel } from '@tensorflow/tfjs';
import { InvalidArgumentError, messageOf, WorkbenchError } from '../base';
import { checkModelSize, type ModelConfig } from '../config';
import { cnnLstm, compactCnn, logMelCnn, lstmStack, paperCnn } from './networks';
import type { TensorFlow } from './network';
import { disposeIfFails } from './network-files';
import { productOf } from './network-size';
import { checkTopology } from './topology';

/**
 * Builds the network of a model config, with initial weights.
 *
 * @param inputShape - shape of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param options - number of `classes`; `seed` of the initial weights
 * @throws {@link InvalidArgumentError} if `kind` is not a network, or an option is out of range
 * @throws WorkbenchError if the network would exceed `networkLimits`; nothing is left in memory
 * @example
 * ```ts
 * const model = buildModel(tf, experimentConfig('quick').model, [108, 22], { classes: 7, seed: 1 });
 * ```
 */
export function buildModel(
  tf: TensorFlow,
  config: ModelConfig,
  inputShape: readonly number[],
  options: { classes: number; seed: number },
): LayersModel {
  return disposeIfFails(tf, () => {
    const model = build(tf, config, inputShape, options);
    requireLoadable(model);
    return model;
  });
}

/** A network that could not be loaded again is rejected before it is trained. */
function requireLoadable(model: LayersModel): void {
  const weights = model.weights.map(({ originalName: name, shape, dtype }) => ({ name, shape, dtype }));
  const bytes = 4 * weights.reduce((sum, { shape }) => sum + productOf(shape as number[]), 0);
  const json = {
    modelTopology: model.toJSON(null, false) as object,
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  try {
    checkTopology(json, bytes);
  } catch (error) {
    throw new WorkbenchError(
      `the network ${model.name} could not be loaded after saving: ${messageOf(error)}; ` +
        'declare new kinds of layer in src/core/network/topology-schema.ts',
    );
  }
}

function build(
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
      return logMelCnn(tf, { ...shape, frames: first, bands: second, width, head });
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
