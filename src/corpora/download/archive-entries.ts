import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { InvalidFileError, messageOf } from '../../errors';
import type { DownloadLimits } from './options';

/** One file of an archive, in memory. */
export interface ArchiveEntry {
  /** as the archive names it; relative, without `..`, backslash or drive letter */
  name: string;
  bytes: Buffer;
  /** its number, from 1, and how many entries the archive has (folders count) */
  number: number;
  count: number;
}

/** A smaller entry may be packed as tightly as it likes: digital silence is. */
const ratioCountsFromBytes = 2 ** 20;

/**
 * Reads the files of a zip archive that is not trusted, one after the other. Nothing is written: whoever writes decides
 * the path. The limits hold for the bytes that really come out, whatever the archive says of itself.
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
    let number = 0;
    let totalBytes = 0;
    for await (const entry of zip.eachEntry()) {
      number++;
      if (number > limits.maxEntries) throw refuse(`more than the ${limits.maxEntries} entries allowed`);
      const problem = unusable(entry);
      if (problem) throw refuse(`${JSON.stringify(entry.fileName)} ${problem}`);
      if (entry.fileName.endsWith('/')) continue;
      const bytes = await inflate(zip, entry, (length) => {
        const name = JSON.stringify(entry.fileName);
        if (length > limits.maxEntryBytes)
          throw refuse(`${name} is larger than ${limits.maxEntryBytes} bytes`);
        if (length > Math.max(ratioCountsFromBytes, entry.compressedSize * limits.maxRatio)) {
          throw refuse(`${name} is packed more than ${limits.maxRatio} to 1`);
        }
        const total = totalBytes + length;
        if (total > limits.maxTotalBytes) throw refuse(`holds more than ${limits.maxTotalBytes} bytes`);
        if (total > Math.max(ratioCountsFromBytes, packedBytes * limits.maxRatio)) {
          throw refuse(`is packed more than ${limits.maxRatio} to 1`);
        }
      });
      totalBytes += bytes.length;
      yield { name: entry.fileName, bytes, number, count: zip.entryCount };
    }
  } catch (error) {
    throw error instanceof InvalidFileError
      ? error
      : refuse(`the archive is damaged or unsafe: ${messageOf(error)}`);
  } finally {
    zip.close();
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
