import { open, stat } from 'node:fs/promises';
import { InvalidFileError, messageOf } from '../../core/base';
import { type ByteSource, checkRecordingSize } from '../../core/prediction';

/** Larger files are read part by part. */
const partwiseBytes = 2 ** 24;

/**
 * Opens a recording, and closes it after use.
 *
 * @param use - called with the bytes of a file up to 16 MB, or with a source that reads a larger one part by part
 * @throws {@link InvalidFileError} with the reason if it is missing, not a file, larger than 1 GB, or cannot be read
 */
export async function withRecordingFile<Result>(
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
