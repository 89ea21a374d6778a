import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidFileError, messageOf } from '../../core/base';
import {
  type OneHotEncoder,
  preparationFromJson,
  type Preparations,
  type Scaler,
  type SpeakerScaler,
} from '../../core/dataset';

/** Writes a scaler or an encoder as JSON. */
export function savePreparation(fitted: Preparations[keyof Preparations], path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(fitted)}\n`);
}

/**
 * Reads a scaler that {@link savePreparation} wrote.
 *
 * @throws {@link InvalidFileError} if the file is absent, no JSON, of another kind or damaged, with the reason
 */
export const loadScaler = (path: string): Scaler | SpeakerScaler => load(path, ['standard', 'per speaker']);

/** Reads an encoder that {@link savePreparation} wrote. Throws as {@link loadScaler} does. */
export const loadOneHot = (path: string): OneHotEncoder => load(path, ['one-hot']);

function load<Kind extends keyof Preparations>(path: string, kinds: readonly Kind[]): Preparations[Kind] {
  try {
    return preparationFromJson(JSON.parse(readFileSync(path, 'utf8')), kinds);
  } catch (error) {
    throw new InvalidFileError(path, messageOf(error));
  }
}
