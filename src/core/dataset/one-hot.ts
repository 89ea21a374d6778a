import { type Emotion, emotions, InvalidArgumentError } from '../base';

/** What is written of a {@link OneHotEncoder}. */
export interface OneHotJson {
  kind: 'one-hot';
  classes: Emotion[];
}

/** Emotions as rows of zeros with a one in the emotion's place. */
export interface OneHotEncoder {
  readonly kind: 'one-hot';
  /** in the order of `emotions` */
  readonly classes: readonly Emotion[];
  /** @throws InvalidArgumentError if a label is none of the classes */
  indices(labels: readonly Emotion[]): Int32Array;
  /**
   * @returns shape [labels, classes]
   * @throws InvalidArgumentError if a label is none of the classes
   */
  transform(labels: readonly Emotion[]): Float32Array;
  /**
   * @param rows - one-hot rows, or scores such as probabilities, of which the highest counts; shape [rows, classes]
   * @throws InvalidArgumentError if the length is no multiple of the number of classes
   */
  inverse(rows: Float32Array): Emotion[];
  toJSON(): OneHotJson;
}

/** An encoder of the labels that occur, as scikit-learn's OneHotEncoder; the classes are in the order of `emotions`. */
export function fitOneHot(labels: readonly Emotion[]): OneHotEncoder {
  const found = new Set(labels);
  return createOneHot(emotions.filter((emotion) => found.has(emotion)));
}

/**
 * An encoder of known classes.
 *
 * @throws {@link InvalidArgumentError} if there are none, one is no emotion, or they are not in the order of `emotions`
 */
export function createOneHot(classes: readonly Emotion[]): OneHotEncoder {
  const known = emotions.filter((emotion) => classes.includes(emotion));
  if (known.length === 0 || known.join() !== classes.join()) {
    throw new InvalidArgumentError('classes', `some of ${emotions.join(', ')}, in this order`, classes);
  }
  const width = known.length;
  const indices = (labels: readonly Emotion[]): Int32Array =>
    Int32Array.from(labels, (label) => {
      const index = known.indexOf(label);
      if (index < 0) throw new InvalidArgumentError('a label', `one of ${known.join(', ')}`, label);
      return index;
    });
  return {
    kind: 'one-hot',
    classes: known,
    indices,
    transform: (labels) => {
      const rows = new Float32Array(labels.length * width);
      for (const [i, index] of indices(labels).entries()) rows[i * width + index] = 1;
      return rows;
    },
    inverse: (rows) => {
      if (rows.length % width !== 0) {
        throw new InvalidArgumentError('rows', `as long as whole rows of ${width} numbers`, rows.length);
      }
      return Array.from({ length: rows.length / width }, (_, i) => {
        const row = rows.subarray(i * width, (i + 1) * width);
        return known[row.indexOf(Math.max(...row))];
      });
    },
    toJSON: () => ({ kind: 'one-hot', classes: [...known] }),
  };
}
