import { InvalidArgumentError } from '../../core/base';
import type { ModelConfig } from '../../core/config';
import {
  baselineKinds,
  type Classifier,
  type ClassifierState,
  knnClassifier,
  majorityClassifier,
  restoreClassifier,
  type TensorFlow,
} from '../../core/network';
import { restoreSvm, svmClassifier } from './svm';

const rule = `one of ${baselineKinds.join(', ')}`;

/**
 * The classifier that a config asks for.
 *
 * @throws {@link InvalidArgumentError} if its kind is a network
 */
export function createBaseline(
  { kind, neighbours, svmC, svmGamma }: Pick<ModelConfig, 'kind' | 'neighbours' | 'svmC' | 'svmGamma'>,
  tf: TensorFlow,
): Classifier {
  if (kind === 'knn') return knnClassifier({ tf, neighbours });
  if (kind === 'svm') return svmClassifier({ c: svmC, gamma: svmGamma });
  if (kind === 'majority') return majorityClassifier();
  throw new InvalidArgumentError('model.kind', rule, kind);
}

/**
 * A fitted classifier as its `toJSON` wrote it.
 *
 * @throws {@link InvalidArgumentError} if it is of no known kind, or its parts do not fit each other
 */
export function restoreBaseline(state: ClassifierState, tf: TensorFlow): Classifier {
  if (state.kind === 'svm') return restoreSvm(state);
  if (baselineKinds.includes(state.kind)) return restoreClassifier(state, tf);
  throw new InvalidArgumentError('kind', rule, (state as { kind: unknown }).kind);
}
