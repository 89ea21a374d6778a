import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidFileError, messageOf, WorkbenchError } from '../../core/base';

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

/** A file of a bundle; beside them is `bundle.json`, with the SHA-256 of each, also of those of an ensemble's members. */
export type BundleFile = (typeof fileNames)[number];
/** Where the files of one member of an ensemble lie, from 1. */
export type MemberFolder = `member-${number}/`;
/** The content of a bundle's files. */
export type BundleFiles = ReadonlyMap<BundleFile | `${MemberFolder}${BundleFile}`, string | Uint8Array>;

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
export function writeBundleFiles(folder: string, files: BundleFiles): void {
  requireReplaceable(folder);
  const sha256 = Object.fromEntries([...files].map(([name, content]) => [name, hash(content)]));
  const unfinished = join(dirname(folder), `.${basename(folder)}.${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(unfinished, name)), { recursive: true });
    writeFileSync(join(unfinished, name), content);
  }
  writeFileSync(join(unfinished, 'bundle.json'), JSON.stringify({ version, sha256 }, null, 2));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

function requireReplaceable(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (!there) return;
  const own: readonly string[] = ['bundle.json', ...fileNames];
  const names = there.isDirectory() ? readdirSync(folder) : [basename(folder)];
  const isOwn = (name: string): boolean => own.includes(name) || /^member-\d+$/.test(name);
  const isBundle = names.includes('bundle.json') && names.every(isOwn);
  if (names.length > 0 && !isBundle)
    throw new InvalidFileError(folder, 'it is there, and is no model bundle that could be replaced');
}

/** The checked content of a bundle's files. */
export interface BundleReader {
  /** its path, for messages */
  folder: string;
  /** every file, with its content */
  all: () => BundleFiles;
  has: (name: BundleFile) => boolean;
  /**
   * @param make - makes of the file's JSON what it stands for; what it throws is reported with the file
   * @throws {@link InvalidFileError} if the file is missing, not what was saved, or no JSON
   */
  json: <Result>(name: BundleFile, make: (json: unknown) => Result) => Result;
  bytes: (name: BundleFile) => Uint8Array;
  /** the files of one member of an ensemble */
  member: (folder: MemberFolder) => BundleReader;
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
  const bytes = (name: string): Buffer =>
    inFile(name, (path) => {
      const content = readPart(path);
      if (hash(content) === sha256[name]) return content;
      throw new WorkbenchError('it is not what was saved: its SHA-256 differs');
    });
  const isKnown = (name: string): boolean =>
    (fileNames as readonly string[]).includes(name.replace(/^member-\d+\//, ''));
  const readerOf = (prefix: MemberFolder | ''): BundleReader => ({
    folder: join(folder, prefix),
    all: () =>
      new Map(
        Object.keys(sha256)
          .filter(isKnown)
          .map((name) => [name, bytes(name)]),
      ) as BundleFiles,
    has: (name) => prefix + name in sha256,
    bytes: (name) => bytes(prefix + name),
    json: (name, make) => inFile(prefix + name, () => make(parse(bytes(prefix + name)))),
    member: readerOf,
  });
  return readerOf('');
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
