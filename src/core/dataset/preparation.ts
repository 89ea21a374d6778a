import { type Emotion, WorkbenchError } from '../base';
import { createOneHot, type OneHotEncoder } from './one-hot';
import { createScaler, type Scaler } from './scaler';
import { createSpeakerScaler, type SpeakerScaler } from './speaker-scaler';

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
