import { InvalidArgumentError } from '../base';
import type { Classifier, ClassifierState } from './classifier';
import type { TensorFlow } from './engine';
import { restoreKnn } from './knn';
import { restoreMajority } from './majority';

/**
 * Restores a classifier from its saved state.
 *
 * @throws {@link InvalidArgumentError} if it is of another kind (SVM needs Node), or its parts are inconsistent
 */
export function restoreClassifier(state: ClassifierState, tf: TensorFlow): Classifier {
  if (state.kind === 'knn') return restoreKnn(state, tf);
  if (state.kind === 'majority') return restoreMajority(state);
  throw new InvalidArgumentError('kind', 'knn or majority', state.kind);
}
