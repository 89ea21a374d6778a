import { type Random, WorkbenchError } from '../base';
import type { Split } from './make-splits';

/** The test's part, and what the paper's notebook writes: `train_test_split(test_size=0.2)`. */
const testShare = 0.2;

/**
 * The paper's division: rows are shuffled, whichever clip they are of. The test is a fifth, rounded up as scikit-learn does
 * (9,730 of 48,648); validation is taken from what is left, where the paper's notebook has none.
 */
export function splitRows(
  rows: readonly number[],
  { validationShare, random }: { validationShare: number; random: Random },
): Split {
  const shuffled = random.shuffle(rows);
  const testEnd = Math.ceil(rows.length * testShare);
  const validationEnd = testEnd + Math.round((rows.length - testEnd) * validationShare);
  if (validationEnd === rows.length) {
    throw new WorkbenchError(`the protocol paper-rows leaves none of ${rows.length} rows for training`);
  }
  return {
    name: 'rows',
    train: Int32Array.from(shuffled.slice(validationEnd)).sort(),
    validation: Int32Array.from(shuffled.slice(testEnd, validationEnd)).sort(),
    test: Int32Array.from(shuffled.slice(0, testEnd)).sort(),
  };
}
