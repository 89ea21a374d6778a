import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { InvalidFileError, messageOf } from '../../../core/base';
import { explainFileError, fileErrorCode } from '../../files';
import type { DownloadLimits } from './options';

/** A file of an archive, in memory. */
export interface ArchiveEntry {
  /** path in the archive: relative, without `..`, backslash or drive letter */
  name: string;
  bytes: Buffer;
  /** from 1 */
  number: number;
  /** number of files in the archive */
  count: number;
}

/** Smaller entries may have any compression ratio: digital silence has a high one. */
const ratioMinBytes = 2 ** 20;

/**
 * Reads the files of an untrusted zip archive into memory, one at a time. All names are checked before the first file is read.
 * The limits apply to the actual number of bytes, not to the sizes stated in the archive.
 *
 * @param options.isWanted - called once for each file, before the first is read; others are checked, but not read
 * @throws {@link InvalidFileError} if the archive is damaged or encrypted, contains an unsafe path, a link or a device, or exceeds a
 *   limit
 */
export async function* archiveEntries(
  path: string,
  limits: Pick<DownloadLimits, 'maxEntries' | 'maxEntryBytes' | 'maxTotalBytes' | 'maxRatio'>,
  { isWanted = () => true }: { isWanted?: (path: string) => boolean } = {},
): AsyncGenerator<ArchiveEntry, void, undefined> {
  const refuse = (reason: string) => new InvalidFileError(path, reason);
  const compressedBytes = (await stat(path)).size;
  // With strict names, yauzl rejects absolute paths, drive letters, `..` and backslashes.
  const zip = await openPromise(path, { strictFileNames: true, autoClose: false }).catch((error: unknown) => {
    if (fileErrorCode(error) !== undefined) throw explainFileError(error, path);
    throw refuse(`it is not a readable zip archive: ${messageOf(error)}`);
  });
  try {
    if (zip.entryCount > limits.maxEntries) {
      throw refuse(`it must have at most ${limits.maxEntries} entries, got ${zip.entryCount}`);
    }
    const files: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      const problem = unusable(entry);
      if (problem) throw refuse(`${JSON.stringify(entry.fileName)} ${problem}`);
      if (entry.fileName.endsWith('/')) continue;
      check(entry, entry.uncompressedSize, 0);
      if (isWanted(entry.fileName)) files.push(entry);
    }
    let totalBytes = 0;
    for (const [index, entry] of files.entries()) {
      const bytes = await inflate(zip, entry, (length) => {
        check(entry, length, totalBytes);
      });
      totalBytes += bytes.length;
      yield { name: entry.fileName, bytes, number: index + 1, count: files.length };
    }
  } catch (error) {
    if (fileErrorCode(error) !== undefined) throw explainFileError(error, path);
    throw error instanceof InvalidFileError
      ? error
      : refuse(`the archive is damaged or unsafe: ${messageOf(error)}`);
  } finally {
    zip.close();
  }

  function check({ fileName, compressedSize }: Entry, length: number, before: number): void {
    const { maxEntryBytes, maxTotalBytes, maxRatio } = limits;
    const name = JSON.stringify(fileName);
    if (length > maxEntryBytes) throw refuse(`${name} has more than ${maxEntryBytes} bytes`);
    if (before + length > maxTotalBytes) throw refuse(`it contains more than ${maxTotalBytes} bytes`);
    const exceedsRatio = (bytes: number, compressed: number) =>
      bytes > Math.max(ratioMinBytes, compressed * maxRatio);
    if (exceedsRatio(length, compressedSize))
      throw refuse(`${name} has a compression ratio of more than ${maxRatio}`);
    if (exceedsRatio(before + length, compressedBytes))
      throw refuse(`it has a compression ratio of more than ${maxRatio}`);
  }
}

const fileTypeMask = 0o170000;
const plainTypes = new Set([0, 0o100000, 0o040000]); // unspecified, file, folder

function unusable(entry: Entry): string | undefined {
  // In archives made on Unix, the upper half contains permissions and file type; otherwise it is usually 0.
  const type = (entry.externalFileAttributes >>> 16) & fileTypeMask;
  if (!plainTypes.has(type)) return 'is a link or a device';
  if (entry.fileName.includes('\0')) return 'has a NUL character in its name';
  if (entry.isEncrypted()) return 'is encrypted';
  if (!entry.canDecodeFileData()) return `has the unsupported compression method ${entry.compressionMethod}`;
  return undefined;
}

async function inflate(zip: ZipFile, entry: Entry, check: (length: number) => void): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  let length = 0;
  // An exception in the loop destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    check(length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
