import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidFileError, messageOf, WorkbenchError } from '../errors';

const fileNames = [
  'config.json',
  'labels.json',
  'scaler.json',
  'card.json',
  'model.json',
  'weights.bin',
  'classifier.json',
  'README.md',
] as const;

/** A file of a bundle; beside them is `bundle.json`, with the SHA-256 of each. */
export type BundleFile = (typeof fileNames)[number];

/** `bundle.json`. */
interface Inventory {
  version: number;
  sha256: Record<string, string>;
}

/** To be raised when an older program could not read what is written. */
const version = 1;

/**
 * Writes a bundle's folder, whole or not at all.
 *
 * @param folder - is made; one that is a bundle already is replaced
 * @throws {@link InvalidFileError} if the folder is there and holds anything else
 */
export function writeBundleFiles(folder: string, files: ReadonlyMap<BundleFile, string | Uint8Array>): void {
  requireReplaceable(folder);
  const sha256 = Object.fromEntries([...files].map(([name, content]) => [name, hash(content)]));
  const unfinished = join(dirname(folder), `.${basename(folder)}.${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(unfinished, name), content);
  writeFileSync(join(unfinished, 'bundle.json'), JSON.stringify({ version, sha256 }, null, 2));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

function requireReplaceable(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (!there) return;
  const own: readonly string[] = ['bundle.json', ...fileNames];
  const names = there.isDirectory() ? readdirSync(folder) : [basename(folder)];
  const isBundle = names.includes('bundle.json') && names.every((name) => own.includes(name));
  if (names.length > 0 && !isBundle)
    throw new InvalidFileError(folder, 'it is there, and is no model bundle that could be replaced');
}

/** The checked content of a bundle's files. */
export interface BundleReader {
  /** of its files */
  names: readonly BundleFile[];
  has: (name: BundleFile) => boolean;
  /**
   * @param make - makes of the file's JSON what it stands for; what it throws is reported with the file
   * @throws {@link InvalidFileError} if the file is missing, not what was saved, or no JSON
   */
  json: <Result>(name: BundleFile, make: (json: unknown) => Result) => Result;
  bytes: (name: BundleFile) => Uint8Array;
}

/** Opens a bundle's folder. @throws {@link InvalidFileError} if it is none, or of another version */
export function openBundle(folder: string): BundleReader {
  const inFile = <Result>(name: string, work: (path: string) => Result): Result => {
    const path = join(folder, name);
    try {
      return work(path);
    } catch (error) {
      throw error instanceof InvalidFileError ? error : new InvalidFileError(path, messageOf(error));
    }
  };
  const sha256 = inFile('bundle.json', (path) => checkedInventory(parse(readPart(path))));
  const bytes = (name: BundleFile): Buffer =>
    inFile(name, (path) => {
      const content = readPart(path);
      if (hash(content) === sha256[name]) return content;
      throw new WorkbenchError('it is not what was saved: its SHA-256 differs');
    });
  return {
    names: fileNames.filter((name) => name in sha256),
    has: (name) => name in sha256,
    bytes,
    json: (name, make) => inFile(name, () => make(parse(bytes(name)))),
  };
}

function checkedInventory(json: unknown): Inventory['sha256'] {
  const inventory = json as Partial<Inventory> | null;
  if (inventory?.version !== version) {
    throw new WorkbenchError(
      `it is of version ${String(inventory?.version)}, and this program reads version ${version}`,
    );
  }
  const { sha256 } = inventory;
  if (typeof sha256 === 'object' && (sha256 as unknown) !== null) return sha256;
  throw new WorkbenchError('it has no list of the SHA-256 of the files');
}

function readPart(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new WorkbenchError('it is missing: this is no model bundle, or not all of one');
  }
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString()) as unknown;
  } catch {
    throw new WorkbenchError('it is no JSON');
  }
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
