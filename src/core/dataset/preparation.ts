import { classNameRule, isClassName } from './label-map';
import { type Emotion, InvalidArgumentError, orderClasses, WorkbenchError } from '../base';
import type { FeatureSet, RowSource } from '../features';
import {
  createScaler,
  fitScaler,
  fitScalerFrom,
  type FitScalerOptions,
  type Scaler,
  type ScalerJson,
} from './scalers';

/** A {@link SpeakerScaler} as JSON. */
export interface SpeakerScalerJson {
  kind: 'per speaker';
  speakers: Record<string, ScalerJson>;
  others: ScalerJson;
}

/**
 * One scaler per speaker, fitted to all recordings of that speaker, so that features describe deviations from the speaker's own
 * average.
 *
 * This is transductive: the statistics of a test speaker come from the test recordings (but not their labels). Scores apply to
 * speakers of whom several recordings are available, not to a single recording of an unknown speaker.
 */
export interface SpeakerScaler {
  readonly kind: 'per speaker';
  readonly speakers: ReadonlyMap<string, Scaler>;
  /** for unknown speakers */
  readonly others: Scaler;
  of(speaker: string | undefined): Scaler;
  toJSON(): SpeakerScalerJson;
}

/** Options of {@link fitSpeakerScaler}. */
export interface FitSpeakerScalerOptions extends FitScalerOptions {
  /** training rows, to which the scaler of unknown speakers is fitted */
  trainRows: ArrayLike<number>;
}

/**
 * Fits one scaler per speaker to the original versions of their recordings, since test clips have no other version.
 *
 * @param data - shape [clip, version, rowSize]
 * @param set - clips and versions of the rows
 * @param rowSize - values per row, frames · coefficients
 * @returns one scaler per speaker, and one fitted to `trainRows` for unknown speakers
 * @throws {@link InvalidArgumentError} if no clip has a speaker, there is no original version, or as {@link fitScaler}
 * @example
 * ```ts
 * const scaler = fitSpeakerScaler(set.data, rowSize, set, { trainRows: split.train });
 * scaler.of('RAVDESS-01').mean;
 * ```
 */
export function fitSpeakerScaler(
  data: Float32Array,
  rowSize: number,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
  { trainRows, ...options }: FitSpeakerScalerOptions,
): SpeakerScaler {
  const speakers = [...originalRows({ clips, versions })].map(
    ([speaker, rows]) => [speaker, fitScaler(data, rowSize, rows, options)] as const,
  );
  return createSpeakerScaler(new Map(speakers), fitScaler(data, rowSize, trainRows, options));
}

/** {@link fitSpeakerScaler} for rows that are not in memory. */
export async function fitSpeakerScalerFrom(
  source: RowSource,
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  { trainRows, ...options }: FitSpeakerScalerOptions,
): Promise<SpeakerScaler> {
  const speakers = new Map<string, Scaler>();
  for (const [speaker, rows] of originalRows(set))
    speakers.set(speaker, await fitScalerFrom(source, rows, options));
  return createSpeakerScaler(speakers, await fitScalerFrom(source, trainRows, options));
}

/** The rows of the original versions of each speaker's recordings. */
function originalRows({
  clips,
  versions,
}: Pick<FeatureSet, 'clips' | 'versions'>): ReadonlyMap<string, readonly number[]> {
  const original = versions.indexOf('original');
  if (original < 0) throw new InvalidArgumentError('versions', 'a list that includes "original"', versions);
  const rowsOf = new Map<string, number[]>();
  for (const [i, { speaker }] of clips.entries()) {
    if (speaker === undefined) continue;
    const rows = rowsOf.get(speaker) ?? [];
    rowsOf.set(speaker, rows);
    rows.push(i * versions.length + original);
  }
  if (rowsOf.size === 0) throw new InvalidArgumentError('clips', 'a list with known speakers', 'no speaker');
  return rowsOf;
}

/** Creates a speaker scaler from known scalers. To fit one to data, use {@link fitSpeakerScaler}. */
function createSpeakerScaler(speakers: ReadonlyMap<string, Scaler>, others: Scaler): SpeakerScaler {
  return {
    kind: 'per speaker',
    speakers,
    others,
    of: (speaker) => (speaker === undefined ? others : (speakers.get(speaker) ?? others)),
    toJSON: () => ({
      kind: 'per speaker',
      speakers: Object.fromEntries([...speakers].map(([name, scaler]) => [name, scaler.toJSON()])),
      others: others.toJSON(),
    }),
  };
}

/** The scaler of each row of a feature set, for `gatherRows`. */
export function scalerOfRow(
  scaler: Scaler | SpeakerScaler,
  { clips, versions }: Pick<FeatureSet, 'clips' | 'versions'>,
): (row: number) => Scaler {
  if (scaler.kind === 'standard') return () => scaler;
  const scalers = clips.map(({ speaker }) => scaler.of(speaker));
  return (row) => scalers[Math.floor(row / versions.length)];
}

/** Objects fitted to data before training, by the `kind` in their file. */
export interface Preparations {
  standard: Scaler;
  'per speaker': SpeakerScaler;
  'one-hot': OneHotEncoder;
}

/**
 * Restores a scaler or encoder from the result of its `toJSON`.
 *
 * @param kinds - accepted kinds
 * @throws {@link WorkbenchError} with the reason if the object is damaged or of another kind
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
      if (odd)
        throw new WorkbenchError(
          `the scaler of ${odd[0]} must have ${others.mean.length} columns like the others, got ${odd[1].mean.length}`,
        );
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

/** A {@link OneHotEncoder} as JSON. */
export interface OneHotJson {
  kind: 'one-hot';
  classes: Emotion[];
}

/** Encodes emotions as rows of zeros with a one at the index of the emotion. */
export interface OneHotEncoder {
  readonly kind: 'one-hot';
  /** in the order of `orderClasses` */
  readonly classes: readonly Emotion[];
  /** @throws {@link InvalidArgumentError} if a label is not one of the classes */
  indices(labels: readonly Emotion[]): Int32Array;
  /**
   * @returns shape [labels, classes]
   * @throws {@link InvalidArgumentError} if a label is not one of the classes
   */
  transform(labels: readonly Emotion[]): Float32Array;
  /**
   * @param rows - one-hot rows, or scores such as probabilities (the highest wins); shape [rows, classes]
   * @throws {@link InvalidArgumentError} if the length is not a multiple of the number of classes
   */
  inverse(rows: Float32Array): Emotion[];
  toJSON(): OneHotJson;
}

/**
 * Creates an encoder for the labels that occur, like scikit-learn's OneHotEncoder; classes are in the order of `orderClasses`.
 *
 * @example
 * ```ts
 * fitOneHot(['sad', 'happy']).transform(['sad']); // Float32Array [0, 1]
 * ```
 */
export function fitOneHot(labels: readonly Emotion[]): OneHotEncoder {
  return createOneHot(orderClasses(labels));
}

/**
 * Creates an encoder for known classes.
 *
 * @throws {@link InvalidArgumentError} if the list is empty or not in the order of `orderClasses`
 */
export function createOneHot(classes: readonly Emotion[]): OneHotEncoder {
  const known = orderClasses(classes);
  if (known.length === 0) throw new InvalidArgumentError('classes', 'a list with at least one class', []);
  const invalid = known.find((name) => !isClassName(name));
  if (invalid !== undefined)
    throw new InvalidArgumentError('classes', `a list of names, each ${classNameRule}`, invalid);
  if (known.join() !== classes.join())
    throw new InvalidArgumentError('classes', `${known.join(', ')}, in this order and each once`, classes);
  const width = known.length;
  const indices = (labels: readonly Emotion[]): Int32Array =>
    Int32Array.from(labels, (label) => {
      const index = known.indexOf(label);
      if (index < 0) throw new InvalidArgumentError('label', `one of ${known.join(', ')}`, label);
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
        throw new InvalidArgumentError('rows', `of a length divisible by the ${width} classes`, rows.length);
      }
      return Array.from({ length: rows.length / width }, (_, i) => {
        const row = rows.subarray(i * width, (i + 1) * width);
        return known[row.indexOf(Math.max(...row))];
      });
    },
    toJSON: () => ({ kind: 'one-hot', classes: [...known] }),
  };
}
