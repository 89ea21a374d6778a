import { InvalidFileError, messageOf, sha256Hex, WorkbenchError } from '../base';

const fileNames = [
  'config.json',
  'labels.json',
  'scaler.json',
  'card.json',
  'model.json',
  'weights.bin',
  'classifier.json',
  'ensemble.json',
  'README.md',
] as const;

/** A file of a saved model, besides {@link inventoryFile}. */
export type ModelFile = (typeof fileNames)[number];
/** Folder of one member of an ensemble, numbered from 1. */
export type MemberFolder = `member-${number}/`;
/** The files of a saved model with their contents. */
export type ModelFiles = ReadonlyMap<ModelFile | `${MemberFolder}${ModelFile}`, string | Uint8Array>;

/** Name of the file that lists the SHA-256 of each file of a saved model, including those of an ensemble's members. */
export const inventoryFile = 'bundle.json';

/** Incremented when a change would make older programs misread a saved model. */
const version = 1;

/** Whether a saved model may contain a file or member folder of this name. */
export function isModelFile(name: string): boolean {
  return name === inventoryFile || isKnown(name) || /^member-\d+$/.test(name);
}

function isKnown(name: string): boolean {
  return (fileNames as readonly string[]).includes(name.replace(/^member-\d+\//, ''));
}

/** The names of the files that an inventory lists. @throws {@link WorkbenchError} if it is damaged or of another version */
export function filesInInventory(content: Uint8Array): string[] {
  return Object.keys(checkedInventory(parseJson(content)));
}

/** The content of {@link inventoryFile}. */
export function inventoryOf(files: ModelFiles): string {
  const sha256 = Object.fromEntries([...files].map(([name, content]) => [name, sha256Hex(content)]));
  return JSON.stringify({ version, sha256 }, null, 2);
}

/** The verified files of a saved model. */
export interface ModelReader {
  /** the model's folder or address, for messages */
  folder: string;
  /** every file with its content */
  all: () => ModelFiles;
  has: (name: ModelFile) => boolean;
  /**
   * @param make - converts the file's JSON to a value; its errors are reported with the name of the file
   * @throws {@link InvalidFileError} if the file is missing, was changed, or is not JSON
   */
  json: <Result>(name: ModelFile, make: (json: unknown) => Result) => Result;
  bytes: (name: ModelFile) => Uint8Array;
  /** the files of one member of an ensemble */
  member: (folder: MemberFolder) => ModelReader;
}

/**
 * Opens a saved model. Each file is checked against its SHA-256 when it is read.
 *
 * @param folder - folder or address, for messages
 * @param read - returns the content of a file; throws if there is none
 * @throws {@link InvalidFileError} if there is no valid inventory
 */
export function openModelFiles(folder: string, read: (name: string) => Uint8Array): ModelReader {
  const inFile = <Result>(name: string, work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw error instanceof InvalidFileError
        ? error
        : new InvalidFileError(`${folder}/${name}`, messageOf(error));
    }
  };
  const readPart = (name: string): Uint8Array => {
    try {
      return read(name);
    } catch {
      throw new WorkbenchError('it is missing: the folder is not a saved model, or is incomplete');
    }
  };
  const sha256 = inFile(inventoryFile, () => checkedInventory(parseJson(readPart(inventoryFile))));
  const bytes = (name: string): Uint8Array =>
    inFile(name, () => {
      const content = readPart(name);
      if (sha256Hex(content) === sha256[name]) return content;
      throw new WorkbenchError('its SHA-256 differs: it was changed after the model was saved');
    });
  const readerOf = (prefix: MemberFolder | ''): ModelReader => ({
    folder: prefix === '' ? folder : `${folder}/${prefix.slice(0, -1)}`,
    all: () =>
      new Map(
        Object.keys(sha256)
          .filter(isKnown)
          .map((name) => [name, bytes(name)]),
      ) as ModelFiles,
    has: (name) => Object.hasOwn(sha256, prefix + name),
    bytes: (name) => bytes(prefix + name),
    json: (name, make) => inFile(prefix + name, () => make(parseJson(bytes(prefix + name)))),
    member: readerOf,
  });
  return readerOf('');
}

function checkedInventory(json: unknown): Record<string, string> {
  const inventory = json as { version?: unknown; sha256?: Record<string, string> } | null;
  if (inventory?.version !== version) {
    throw new WorkbenchError(
      `it has version ${String(inventory?.version)}; this program reads version ${version}`,
    );
  }
  const { sha256 } = inventory;
  if (typeof sha256 === 'object' && (sha256 as unknown) !== null) return sha256;
  throw new WorkbenchError('it does not list the SHA-256 of the files');
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content)) as unknown;
  } catch {
    throw new WorkbenchError('it is not JSON');
  }
}
