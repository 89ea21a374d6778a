import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * A file's digest, lower-case hex, read in pieces of 256 KiB.
 *
 * @throws the file system's error when it cannot be read, or the signal's reason
 */
export async function hashFile(
  path: string,
  { algorithm = 'sha256', signal }: { algorithm?: 'md5' | 'sha256'; signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(2 ** 18);
  const file = await open(path, 'r');
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
