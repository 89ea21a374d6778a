import { messageOf, WorkbenchError } from '../../core/base';

/** What happened and how to fix it, by the operating system's error code. */
const explanations = new Map<string, string>([
  ['ENOSPC', 'the disk is full; free some space, or delete data/cache, then run the command again'],
  ['EDQUOT', 'the disk quota is used up; free some space, or delete data/cache, then run the command again'],
  ['EACCES', 'permission denied; check the permissions of the file and its folder'],
  ['EPERM', 'the operation is not permitted; check the permissions of the file and its folder'],
  ['EROFS', 'the file system is read-only; choose another folder'],
  ['EMFILE', 'too many open files; raise the limit with `ulimit -n 4096`, or use fewer workers'],
  ['ENFILE', 'too many open files on this computer; close other programs, or use fewer workers'],
  ['ENOENT', 'it does not exist, or was removed while the command was running'],
  ['ENOTDIR', 'a part of the path is a file, not a folder'],
  ['EISDIR', 'it is a folder, not a file'],
  ['EIO', 'the disk reported an error; check the disk, or copy the file elsewhere'],
  ['ELOOP', 'its symbolic links lead in a circle'],
  ['ENAMETOOLONG', 'the path is too long; choose shorter names'],
  ['EBUSY', 'it is in use, or a mount point; close other programs, or choose another folder'],
  ['ENOTEMPTY', 'the folder is not empty; choose another name'],
  ['EEXIST', 'it already exists'],
  ['EFBIG', 'the file is larger than the file system allows'],
  ['EXDEV', 'it is on another file system'],
  ['ESTALE', 'the network file system lost it; run the command again'],
]);

/** The operating system's code of a file error, such as `ENOSPC`, even after {@link explainFileError}; undefined for other errors. */
export function fileErrorCode(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof WorkbenchError && cause !== undefined) return fileErrorCode(cause);
  return typeof code === 'string' && explanations.has(code) ? code : undefined;
}

/**
 * Converts an error of the operating system to a message for users: path, what happened, remedy.
 *
 * @param path - the file or folder; default: the path in the error
 * @returns the error itself if it is not one of the operating system
 * @example
 * ```ts
 * await writeFile(path, text).catch((error) => { throw explainFileError(error, path); });
 * ```
 */
export function explainFileError(error: unknown, path?: string): unknown {
  const code = fileErrorCode(error);
  if (code === undefined || error instanceof WorkbenchError) return error;
  const named = path ?? (error as NodeJS.ErrnoException).path ?? 'a file';
  return new WorkbenchError(`${named}: ${explanations.get(code)!} (${code})`, { cause: error });
}

/** What happened and how to fix it, without the path, for lists that already name the file. */
export function fileErrorReason(error: unknown): string {
  const code = fileErrorCode(error);
  return code === undefined ? messageOf(error) : `${explanations.get(code)!} (${code})`;
}
