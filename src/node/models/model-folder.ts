import { readdirSync, readFileSync, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InvalidFileError, messageOf, WorkbenchError } from '../../core/base';
import {
  type OneHotEncoder,
  preparationFromJson,
  type Preparations,
  type Scaler,
  type SpeakerScaler,
} from '../../core/dataset';
import type { Engine } from '../../core/network';
import {
  type ByteSource,
  checkModelFileSize,
  checkRecordingSize,
  createPredictor as createPredictorFrom,
  inventoryFile,
  inventoryOf,
  isModelFile,
  type Model,
  type ModelFiles,
  modelFiles,
  modelFromFiles,
  type ModelReader,
  openModelFiles,
  type PredictOptions,
  type Predictor,
  type RecordingInput as PortableInput,
} from '../../core/prediction';
import { restoreBaseline } from '../engine';
import { loadFrontEnd } from '../extraction';
import {
  decodeWithFfmpeg,
  explainFileError,
  fileErrorCode,
  newFolder,
  readFolder,
  removeAbandoned,
  removeTemporary,
  replaceFolder,
  writeFileAtomicSync,
  writeInFolder,
} from '../files';

/**
 * Saves a model as a folder, completely or not at all.
 *
 * @param engine - the engine that holds the weights
 * @param folder - created if missing; a model in it is replaced
 * @throws {@link InvalidFileError} if the folder contains other files
 */
export async function saveModel(engine: Pick<Engine, 'tf'>, folder: string, model: Model): Promise<void> {
  writeModelFolder(folder, await modelFiles(engine, model));
}

/**
 * Loads a saved model. Nothing in its folder is executed.
 *
 * @throws {@link InvalidFileError} that names the file, if one is missing, damaged, of another version or inconsistent
 * @example
 * ```ts
 * const engine = await loadEngine();
 * const predictor = createPredictor(await loadModel(engine, 'data/models/speakers'), engine);
 * ```
 */
export function loadModel(engine: Engine, folder: string): Promise<Model> {
  return readFolder(folder, (path) => modelFromFiles(engine, openModelFolder(path), restoreBaseline));
}

/** Opens the files of a saved model. @throws {@link InvalidFileError} if the folder is not a model's, or of another version */
export function openModelFolder(folder: string): ModelReader {
  return openModelFiles(folder, (name) => readModelFile(folder, name));
}

/**
 * Reads a file of a saved model, if it is not too large.
 *
 * @throws an error with the code ENOENT or ENOTDIR if it is missing, otherwise {@link InvalidFileError} with the reason
 */
export function readModelFile(folder: string, name: string): Buffer {
  const path = join(folder, name);
  try {
    const file = statSync(path);
    // Reading a pipe or a device might never end.
    if (!file.isFile()) throw new InvalidFileError(path, 'it is not a file');
    checkModelFileSize(path, file.size);
    return readFileSync(path);
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT' || fileErrorCode(error) === 'ENOTDIR') throw error;
    const explained = explainFileError(error, path);
    throw explained instanceof WorkbenchError && !(explained instanceof InvalidFileError)
      ? new InvalidFileError(path, explained.message.slice(path.length + 2))
      : explained;
  }
}

/**
 * Writes a model's files, completely or not at all.
 *
 * @throws {@link InvalidFileError} if the folder exists and contains other files
 */
export function writeModelFolder(folder: string, files: ModelFiles): void {
  const isModel = (names: readonly string[]): boolean =>
    names.includes(inventoryFile) && names.every(isModelFile);
  requireReplaceable(folder, isModel, 'a model folder');
  const unfinished = newFolder(folder);
  removeAbandoned(dirname(folder), /^\.[^.].*\.(\d+)$/);
  try {
    for (const [name, content] of files) writeInFolder(unfinished, name, content);
    writeInFolder(unfinished, inventoryFile, inventoryOf(files));
    replaceFolder(folder, unfinished);
  } finally {
    removeTemporary(unfinished);
  }
}

/**
 * @param isOwn - whether a folder with these files may be replaced
 * @throws {@link InvalidFileError} if the folder exists and contains other files
 */
export function requireReplaceable(
  folder: string,
  isOwn: (names: readonly string[]) => boolean,
  kind: string,
): void {
  let names: string[];
  try {
    const existing = statSync(folder, { throwIfNoEntry: false });
    if (!existing) return;
    names = existing.isDirectory() ? readdirSync(folder) : [basename(folder)];
  } catch (error) {
    // Another process is currently replacing it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw explainFileError(error, folder);
  }
  if (names.length > 0 && !isOwn(names))
    throw new InvalidFileError(folder, `it exists and is not ${kind}; choose another name`);
}

/** A recording: the path or the bytes of an audio file, or samples. */
export type RecordingInput = string | PortableInput;

/**
 * Creates a predictor that also accepts file paths and uses the SIMD kernel. See `createPredictor` in `core/prediction` for how models are combined.
 *
 * @throws InvalidArgumentError if there is no model, or several differ in classes or protocol
 * @example
 * ```ts
 * const predictor = createPredictor(await loadModel(engine, 'data/models/speakers'), engine);
 * const { emotion, probabilities } = await predictor.predict('recording.wav');
 * ```
 */
export function createPredictor(
  models: Model | readonly Model[],
  engine: Pick<Engine, 'tf'>,
): Predictor<RecordingInput> {
  const { classes, window, predict, predictChannels } = createPredictorFrom(models, engine, {
    frontEnd: loadFrontEnd,
  });
  const withFile =
    <Result>(run: (input: PortableInput, options: PredictOptions) => Promise<Result>) =>
    async (input: RecordingInput, options: PredictOptions = {}): Promise<Result> =>
      typeof input === 'string'
        ? withRecordingFile(input, (file) =>
            run(file, { name: input, decodeOther: decodeWithFfmpeg(input), ...options }),
          )
        : run(input, { decodeOther: decodeWithFfmpeg(), ...options });
  return { classes, window, predict: withFile(predict), predictChannels: withFile(predictChannels) };
}

/**
 * Writes a fitted scaler or one-hot encoder as JSON; creates the folder if it is missing.
 *
 * @see {@link loadScaler}, {@link loadOneHot}
 */
export function savePreparation(fitted: Preparations[keyof Preparations], path: string): void {
  writeFileAtomicSync(path, `${JSON.stringify(fitted)}\n`);
}

/**
 * Reads a scaler that {@link savePreparation} wrote.
 *
 * @throws {@link InvalidFileError} with the reason, if the file is missing, not JSON, of another kind or damaged
 */
export const loadScaler = (path: string): Scaler | SpeakerScaler => load(path, ['standard', 'per speaker']);

/**
 * Reads a one-hot encoder that {@link savePreparation} wrote.
 *
 * @throws {@link InvalidFileError} like {@link loadScaler}
 */
export const loadOneHot = (path: string): OneHotEncoder => load(path, ['one-hot']);

function load<Kind extends keyof Preparations>(path: string, kinds: readonly Kind[]): Preparations[Kind] {
  try {
    return preparationFromJson(JSON.parse(readFileSync(path, 'utf8')), kinds);
  } catch (error) {
    throw new InvalidFileError(path, messageOf(error));
  }
}

/** Larger files are read part by part. */
const partwiseBytes = 2 ** 24;

/**
 * Opens a recording, and closes it after use.
 *
 * @param use - called with the bytes of a file up to 16 MB, or with a source that reads a larger one part by part
 * @throws {@link InvalidFileError} with the reason if it is missing, not a file, larger than 1 GB, or cannot be read
 */
async function withRecordingFile<Result>(
  path: string,
  use: (input: Uint8Array | ByteSource) => Promise<Result>,
): Promise<Result> {
  const found = await named(path, () => stat(path));
  if (!found.isFile()) throw new InvalidFileError(path, 'it is not a file');
  checkRecordingSize(path, found.size);
  const file = await named(path, () => open(path));
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(end - start);
    for (let filled = 0; filled < bytes.length;) {
      const left = bytes.length - filled;
      const { bytesRead } = await named(path, () => file.read(bytes, filled, left, start + filled));
      if (bytesRead === 0) throw new InvalidFileError(path, 'it became shorter while it was read');
      filled += bytesRead;
    }
    return bytes;
  };
  try {
    return await use(found.size > partwiseBytes ? { size: found.size, read } : await read(0, found.size));
  } finally {
    await file.close();
  }
}

/** Errors of the file system as errors of the recording. */
async function named<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InvalidFileError(path, isMissing ? 'there is no such file' : messageOf(error));
  }
}
