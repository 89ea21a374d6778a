import type { Tensor2D } from '@tensorflow/tfjs';
import { InvalidArgumentError } from '../base';
import { checkTrainingRows, type Classifier, classifierOf, type ClassifierState, type Method, type StateOf, type TrainingRows } from './classifier';
import type { TensorFlow } from './engine';

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

/** Distances that are held at once: 64 MB. */
const distancesAtOnce = 16e6;

type Learned = TrainingRows & { neighbours: number };

/**
 * The k nearest neighbours (Cover and Hart 1967), each with one vote; of equally near ones the earlier in training counts.
 *
 * TensorFlow multiplies and sorts: exact, and on the native engine fast enough for the paper's rows of 2,376 values. (npm's
 * ml-knn gives no shares of votes, and its tree prunes nothing: 13 ms a row of 90 values among 4,000.)
 *
 * @param options - `tf`, the engine's TensorFlow; `neighbours`, default 5
 * @throws {@link InvalidArgumentError} from `fit` if there are fewer rows than neighbours
 */
export function knnClassifier({ tf, neighbours = 5 }: { tf: TensorFlow; neighbours?: number }): Classifier {
  if (!Number.isSafeInteger(neighbours) || neighbours < 1) {
    throw new InvalidArgumentError('neighbours', 'a positive integer', neighbours);
  }
  return classifierOf(nearest(tf, neighbours));
}

/** A classifier as its `toJSON` wrote it. @throws {@link InvalidArgumentError} if its parts do not fit each other */
export function restoreKnn(
  { neighbours, rowSize, classes, labels, x }: StateOf<'knn'>,
  tf: TensorFlow,
): Classifier {
  const bytes = Uint8Array.from(atob(x), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const values = Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) =>
    view.getFloat32(4 * i, true),
  );
  const learned = { x: values, rowSize, labels: Int32Array.from(labels), classes, neighbours };
  checkTrainingRows(values, rowSize, learned.labels, classes);
  checkEnough(learned);
  return classifierOf(nearest(tf, neighbours), learned);
}

function nearest(tf: TensorFlow, neighbours: number): Method<Learned> {
  return {
    kind: 'knn',
    learn: (rows) => {
      const learned = { ...rows, x: rows.x.slice(), labels: rows.labels.slice(), neighbours };
      checkEnough(learned);
      return learned;
    },
    answer: async (learned, x, signal) => {
      const { rowSize, classes } = learned;
      const rows = x.length / rowSize;
      const probabilities = new Float32Array(rows * classes);
      const step = Math.max(1, Math.floor(distancesAtOnce / learned.labels.length));
      for (let from = 0; from < rows; from += step) {
        signal?.throwIfAborted();
        const part = x.subarray(from * rowSize, (from + step) * rowSize);
        const shares = votes(tf, learned, part);
        probabilities.set(await shares.data<'float32'>(), from * classes);
        shares.dispose();
      }
      return probabilities;
    },
    toState: ({ x, labels, ...rest }) => {
      const view = new DataView(new ArrayBuffer(4 * x.length));
      for (let i = 0; i < x.length; i++) view.setFloat32(4 * i, x[i], true);
      const bytes = new Uint8Array(view.buffer);
      // In parts: a call takes a limited number of arguments.
      const parts: string[] = [];
      for (let i = 0; i < bytes.length; i += 8192)
        parts.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
      return { kind: 'knn', ...rest, labels: [...labels], x: btoa(parts.join('')) };
    },
  };
}

function checkEnough({ labels, neighbours }: Learned): void {
  if (neighbours > labels.length) {
    throw new InvalidArgumentError(
      'neighbours',
      `at most the rows in training (${labels.length})`,
      neighbours,
    );
  }
}

/** Shares of the neighbours' votes, shape [rows, classes]. */
function votes(tf: TensorFlow, { x, rowSize, labels, classes, neighbours }: Learned, queries: Float32Array) {
  return tf.tidy(() => {
    const known = tf.tensor2d(x, [labels.length, rowSize]);
    // Sums of squares lose digits far from the origin, so everything moves there first.
    const centre = known.mean(0);
    const centred = known.sub<Tensor2D>(centre);
    const asked = tf.tensor2d(queries, [queries.length / rowSize, rowSize]).sub(centre);
    // |q - t|² without |q|², which is the same for all neighbours; the nearest are the largest of its negative.
    const nearness = asked.matMul(centred, false, true).mul(2).sub(centred.square().sum(1));
    const { indices } = tf.topk(nearness, neighbours);
    return tf.oneHot(tf.gather(tf.tensor1d(labels, 'int32'), indices.flatten()), classes)
      .reshape([-1, neighbours, classes]).toFloat().mean(1); // prettier-ignore
  });
}

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
