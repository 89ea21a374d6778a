import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { InvalidFileError, messageOf } from '../../../core/base';
import type { DownloadLimits } from './options';

/** One file of an archive, in memory. */
export interface ArchiveEntry {
  /** as the archive names it; relative, without `..`, backslash or drive letter */
  name: string;
  bytes: Buffer;
  /** its number, from 1, and how many files the archive has */
  number: number;
  count: number;
}

/** A smaller entry may be packed as tightly as it likes: digital silence is. */
const ratioCountsFromBytes = 2 ** 20;

/**
 * Reads the files of a zip archive that is not trusted, one after the other. Nothing is written: whoever writes decides
 * the path. All names are checked before the first file is read. The limits hold for the bytes that really come out, whatever the archive says of itself.
 *
 * @throws InvalidFileError when the archive is damaged, encrypted, has a path that leaves its folder, a link or a
 *   device, or exceeds a limit
 */
export async function* archiveEntries(
  path: string,
  limits: DownloadLimits,
): AsyncGenerator<ArchiveEntry, void, undefined> {
  const refuse = (reason: string) => new InvalidFileError(path, reason);
  const packedBytes = (await stat(path)).size;
  // Strict names: yauzl refuses absolute paths, drive letters, `..` and backslashes itself.
  const zip = await openPromise(path, { strictFileNames: true, autoClose: false }).catch((error: unknown) => {
    throw refuse(`not a readable zip archive: ${messageOf(error)}`);
  });
  try {
    if (zip.entryCount > limits.maxEntries) {
      throw refuse(`${zip.entryCount} entries, more than the ${limits.maxEntries} allowed`);
    }
    const files: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      const problem = unusable(entry);
      if (problem) throw refuse(`${JSON.stringify(entry.fileName)} ${problem}`);
      if (entry.fileName.endsWith('/')) continue;
      check(entry, entry.uncompressedSize, 0);
      files.push(entry);
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
    throw error instanceof InvalidFileError
      ? error
      : refuse(`the archive is damaged or unsafe: ${messageOf(error)}`);
  } finally {
    zip.close();
  }

  function check({ fileName, compressedSize }: Entry, length: number, before: number): void {
    const { maxEntryBytes, maxTotalBytes, maxRatio } = limits;
    const name = JSON.stringify(fileName);
    if (length > maxEntryBytes) throw refuse(`${name} is larger than ${maxEntryBytes} bytes`);
    if (before + length > maxTotalBytes) throw refuse(`it holds more than ${maxTotalBytes} bytes`);
    const tooTight = (unpacked: number, packed: number) =>
      unpacked > Math.max(ratioCountsFromBytes, packed * maxRatio);
    if (tooTight(length, compressedSize)) throw refuse(`${name} is packed more than ${maxRatio} to 1`);
    if (tooTight(before + length, packedBytes)) throw refuse(`it is packed more than ${maxRatio} to 1`);
  }
}

const fileTypeMask = 0o170000;
const plainTypes = new Set([0, 0o100000, 0o040000]); // not said, file, folder

function unusable(entry: Entry): string | undefined {
  // The upper half holds Unix permissions and file type, where the archive was made on Unix; else 0 as a rule.
  const type = (entry.externalFileAttributes >>> 16) & fileTypeMask;
  if (!plainTypes.has(type)) return 'is a link or a device';
  if (entry.isEncrypted()) return 'is encrypted';
  if (!entry.canDecodeFileData())
    return `is packed by method ${entry.compressionMethod}, which is not supported`;
  return undefined;
}

async function inflate(zip: ZipFile, entry: Entry, check: (length: number) => void): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop by an exception destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    check(length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
