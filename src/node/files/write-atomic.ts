import {
  constants,
  existsSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { copyFile, link, open, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainFileError } from './file-errors';
import {
  makeFolder,
  namesIn,
  openFolder,
  parseTemporary,
  removeTemporary,
  temporaryPath,
} from './temporary-files';

/**
 * Writes a file completely or not at all; creates its folder.
 *
 * @throws WorkbenchError with path and remedy, for example if the disk is full
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await writeStreamAtomic(path, [content]);
}

/** {@link writeFileAtomic}, synchronously. */
export function writeFileAtomicSync(path: string, content: string | Uint8Array): void {
  openFolder(dirname(path));
  const target = existsSync(path) ? realpathSync(path) : path;
  const unfinished = temporaryPath(target);
  try {
    const mode = statSync(target, { throwIfNoEntry: false })?.mode;
    writeFileSync(unfinished, content, { mode, flush: true });
    renameSync(unfinished, target);
  } catch (error) {
    throw explainFileError(error, path);
  } finally {
    removeTemporary(unfinished);
  }
}

/** {@link writeFileAtomic}, piece by piece, for content that does not fit in memory. */
export async function writeStreamAtomic(
  path: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  try {
    await createFileAtomic(path, async (unfinished, target) => {
      const before = await stat(target).catch(() => undefined);
      const file = await open(unfinished, 'w', before?.mode);
      try {
        for await (const piece of pieces) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/**
 * Creates a file completely or not at all, with a function that writes it to a temporary path; creates its folder.
 *
 * @param create - called with the temporary path and with the path that the file gets
 * @throws the errors of `create`
 */
export async function createFileAtomic(
  path: string,
  create: (unfinished: string, target: string) => Promise<void> | void,
): Promise<void> {
  openFolder(dirname(path));
  // The target of a symbolic link is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const unfinished = temporaryPath(target);
  try {
    await create(unfinished, target);
    await rename(unfinished, target);
  } finally {
    removeTemporary(unfinished);
  }
}

/** Writes a file that does not exist yet, completely or not at all. @returns false if it exists */
export async function writeNew(path: string, content: string | Uint8Array): Promise<boolean> {
  openFolder(dirname(path));
  const unfinished = temporaryPath(path);
  try {
    await writeFile(unfinished, content, { flush: true });
    return await linkNew(unfinished, path);
  } catch (error) {
    throw explainFileError(error, path);
  } finally {
    removeTemporary(unfinished);
  }
}

/**
 * Gives a complete file its final name.
 *
 * @returns false if the name is taken
 */
async function linkNew(file: string, path: string): Promise<boolean> {
  try {
    await link(file, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      return copyFile(file, path, constants.COPYFILE_EXCL); // a file system without hard links
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Creates an empty folder next to the folder that it will replace.
 *
 * @see {@link replaceFolder}
 */
export function newFolder(folder: string): string {
  openFolder(dirname(folder));
  recoverFolder(folder);
  const unfinished = temporaryPath(existsSync(folder) ? realpathSync(folder) : folder);
  try {
    makeFolder(unfinished);
  } catch (error) {
    throw explainFileError(error, unfinished);
  }
  return unfinished;
}

/**
 * Writes a file below a folder from {@link newFolder}.
 *
 * @param options.isFlushed - wait until it is on the disk, so that it survives a power failure; default true
 */
export function writeInFolder(
  folder: string,
  name: string,
  content: string | Uint8Array,
  { isFlushed = true }: { isFlushed?: boolean } = {},
): void {
  const path = join(folder, name);
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content, { flush: isFlushed });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/**
 * Replaces a folder with one from {@link newFolder}. Readers that use {@link readFolder} always find a complete old or new folder: the
 * old one is renamed, then the new one, then the old one is deleted. If the process is killed between the two renames, the next
 * reader or writer puts the new folder in its place.
 *
 * @throws WorkbenchError with path and remedy; the old folder is then unchanged
 */
export function replaceFolder(folder: string, complete: string): void {
  const old = complete.replace(/new$/, 'old');
  const target = existsSync(folder) ? realpathSync(folder) : folder;
  try {
    for (;;) {
      removeTemporary(old);
      if (existsSync(target)) renameUnlessMissing(target, old);
      try {
        renameSync(complete, target);
        break;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // A reader may already have renamed the new folder, or another process may have put its own there.
        if (code === 'ENOENT' && !existsSync(complete) && existsSync(target)) break;
        if (code === 'ENOTEMPTY' || code === 'EEXIST') continue;
        if (existsSync(old) && !existsSync(target)) renameUnlessMissing(old, target);
        throw error;
      }
    }
  } catch (error) {
    throw explainFileError(error, folder);
  } finally {
    removeTemporary(complete);
    removeTemporary(old);
  }
}

function renameUnlessMissing(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Completes the replacement of a folder that another process has started, and may never finish because it was killed.
 *
 * @returns the path of the folder, or of its new version if this process is not permitted to rename it
 */
export function recoverFolder(folder: string): string {
  if (existsSync(folder)) return folder;
  const parent = dirname(folder);
  const names = namesIn(parent);
  for (const file of names) {
    const temporary = parseTemporary(file);
    if (temporary?.name !== basename(folder) || temporary.isOld) continue;
    if (!names.includes(file.replace(/new$/, 'old'))) continue; // the new folder is incomplete
    try {
      renameSync(join(parent, file), folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code === 'EACCES' || code === 'EPERM' || code === 'EROFS') && !existsSync(folder))
        return join(parent, file);
    }
  }
  return folder;
}

/**
 * The names of the folders in a folder, including those that another process is currently replacing. Hidden ones, such as unfinished
 * models, are left out.
 */
export function foldersIn(parent: string): string[] {
  const names = readdirSync(parent, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.name.startsWith('.')) return entry.isDirectory() ? [entry.name] : [];
    const temporary = parseTemporary(entry.name);
    return temporary?.isOld ? [temporary.name] : [];
  });
  return [...new Set(names)];
}

/** Maximum number of attempts to read a folder that is being replaced. */
const maxAttempts = 100;

/**
 * Reads a folder that {@link replaceFolder} may replace at the same time. If it was replaced while `read` failed, `read` is called
 * again.
 *
 * @param read - must fail if it reads some files of the old and others of the new folder
 */
export async function readFolder<Result>(
  folder: string,
  read: (path: string) => Promise<Result> | Result,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const before = versionOf(folder);
    try {
      return await read(recoverFolder(folder));
    } catch (error) {
      recoverFolder(folder);
      if (attempt >= maxAttempts || versionOf(folder) === before) throw error;
    }
  }
}

/** {@link readFolder}, synchronously. */
export function readFolderSync<Result>(folder: string, read: (path: string) => Result): Result {
  for (let attempt = 1; ; attempt++) {
    const before = versionOf(folder);
    try {
      return read(recoverFolder(folder));
    } catch (error) {
      recoverFolder(folder);
      if (attempt >= maxAttempts || versionOf(folder) === before) throw error;
    }
  }
}

/** Distinguishes a folder from the one that replaces it; undefined if there is none. */
function versionOf(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev}:${found.ino}:${found.ctimeNs}`;
}
