import { type Emotion, emotions, InvalidArgumentError, WorkbenchError } from '../base';
import { createScaler, createSpeakerScaler, type Scaler, type SpeakerScaler } from './scalers';

/** What is fitted to data before a model is, by the kind that its file names. */
export interface Preparations {
  standard: Scaler;
  'per speaker': SpeakerScaler;
  'one-hot': OneHotEncoder;
}

/**
 * Makes a scaler or an encoder of what its `toJSON` gave.
 *
 * @param kinds - those that are wanted
 * @throws {@link WorkbenchError} that says what is wrong with the object
 */
export function preparationFromJson<Kind extends keyof Preparations>(
  json: unknown,
  kinds: readonly Kind[],
): Preparations[Kind] {
  const kind = kinds.find((wanted) => wanted === property(json, 'kind'));
  if (kind === undefined) {
    throw new WorkbenchError(
      `kind must be ${kinds.join(' or ')}, got ${JSON.stringify(property(json, 'kind'))}`,
    );
  }
  const readers: { [Each in keyof Preparations]: (json: unknown) => Preparations[Each] } = {
    standard: (value) => createScaler(numbers(value, 'mean'), numbers(value, 'deviation')),
    'per speaker': (value) => {
      const speakers = Object.entries(property(value, 'speakers') ?? {});
      const others = readers.standard(property(value, 'others'));
      const own = speakers.map(([name, scaler]) => [name, readers.standard(scaler)] as const);
      const odd = own.find(([, scaler]) => scaler.mean.length !== others.mean.length);
      if (odd) throw new WorkbenchError(`the scaler of ${odd[0]} must have as many columns as the others`);
      return createSpeakerScaler(new Map(own), others);
    },
    'one-hot': (value) => createOneHot(list(value, 'classes') as Emotion[]),
  };
  return readers[kind](json);
}

function property(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;
}

function list(json: unknown, name: string): unknown[] {
  const value = property(json, name);
  if (!Array.isArray(value)) throw new WorkbenchError(`${name} must be a list, got ${JSON.stringify(value)}`);
  return value;
}

function numbers(json: unknown, name: string): Float32Array {
  const values = list(json, name);
  if (!values.every((value) => typeof value === 'number')) {
    throw new WorkbenchError(`${name} must be a list of numbers`);
  }
  return Float32Array.from(values);
}

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
