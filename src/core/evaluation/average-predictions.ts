import { InvalidArgumentError } from '../base';
import { type Predictions, requireSameTask } from './predictions';

/**
 * An ensemble of trained models: of each test row, the mean of the probabilities that they gave it. It is one more model, not a
 * mean of scores, and mostly a better one than each of them.
 *
 * @param members - of one alone, its predictions are returned as they are
 * @throws {@link InvalidArgumentError} if there is none, they are not of one protocol and the same classes, or have not tested the
 *   same rows in the same order
 * @see Lakshminarayanan, Pritzel and Blundell: Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles (2017)
 */
export function averagePredictions(members: readonly Predictions[]): Predictions {
  const [first] = members;
  if (members.length === 0) throw new InvalidArgumentError('members', 'a list with at least one', []);
  if (members.length === 1) return first;
  requireSameTask('members', members);
  members.forEach((own, i) => {
    const isSame =
      own.clips.length === first.clips.length &&
      own.clips.every(({ path }, row) => {
        return (
          path === first.clips[row].path && own.splits[own.splitOf[row]] === first.splits[first.splitOf[row]]
        );
      });
    if (!isSame)
      throw new InvalidArgumentError('members', 'of the same test rows, in one order', `member ${i + 1}`);
  });
  return {
    ...first,
    probabilities: first.probabilities.map(
      (_, i) => members.reduce((sum, { probabilities }) => sum + probabilities[i], 0) / members.length,
    ),
  };
}
