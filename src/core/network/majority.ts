import { InvalidArgumentError } from '../base';
import { type Classifier, classifierOf, type Method, type StateOf } from './classifier';

/** Says of every row the shares that the classes had in training: what any model must beat. */
export function majorityClassifier(): Classifier {
  return classifierOf(majority);
}

/** A classifier as its `toJSON` wrote it. @throws {@link InvalidArgumentError} if its parts do not fit each other */
export function restoreMajority(state: StateOf<'majority'>): Classifier {
  const { shares, classes } = state;
  if (shares.length !== classes) {
    throw new InvalidArgumentError('shares', `one a class (${classes})`, shares.length);
  }
  return classifierOf(majority, state);
}

const majority: Method<StateOf<'majority'>> = {
  kind: 'majority',
  learn: ({ rowSize, labels, classes }) => {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label]++;
    return { kind: 'majority', rowSize, classes, shares: counts.map((count) => count / labels.length) };
  },
  answer: ({ rowSize, classes, shares }, x) => {
    const probabilities = new Float32Array((x.length / rowSize) * classes);
    for (let i = 0; i < probabilities.length; i += classes) probabilities.set(shares, i);
    return probabilities;
  },
  toState: (state) => state,
};
