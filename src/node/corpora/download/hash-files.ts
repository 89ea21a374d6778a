import { join } from 'node:path';
import { messageOf } from '../../../core/base';
import { hashFile } from './hash-file';
import { runParallel } from './run-parallel';

/**
 * SHA-256 of many files, two at a time.
 *
 * @param files - paths below `directory`
 * @returns a hash for each readable file, in the order given, and the reason for each other one
 * @throws the signal's reason
 */
export async function hashFiles(
  directory: string,
  files: readonly string[],
  {
    parallel = 2,
    onProgress,
    signal,
  }: { parallel?: number; onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<{ hashed: { path: string; sha256: string }[]; unreadable: { path: string; reason: string }[] }> {
  const hashes = new Array<string | undefined>(files.length);
  const unreadable: { path: string; reason: string }[] = [];
  let done = 0;
  await runParallel(files, parallel, async (path, index) => {
    signal?.throwIfAborted();
    try {
      hashes[index] = await hashFile(join(directory, path), { signal });
    } catch (error) {
      signal?.throwIfAborted();
      unreadable.push({ path, reason: messageOf(error) });
    }
    onProgress?.(++done, files.length);
  });
  const hashed = files.flatMap((path, index) => {
    const sha256 = hashes[index];
    return sha256 === undefined ? [] : [{ path, sha256 }];
  });
  return { hashed, unreadable };
}
