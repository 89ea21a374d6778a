import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { paths } from '../files';
import { type FileFacts, type FileProblem, inspectFile } from './inspect-file';

export interface IndexOptions {
  /** where the index is kept; by default `data/cache/clip-index` */
  cacheDirectory?: string;
  onProgress?: (done: number, total: number) => void;
  /** stops the work; what was read so far is kept for the next time */
  signal?: AbortSignal;
}

type Indexed = (FileFacts | FileProblem) & { size: number; modified: number };

/** Files are written to the index after so many, so that an interrupted first load goes on where it stopped. */
const saveEvery = 2_000;

/**
 * Inspects audio files, remembering each by its path, size and time, so that only new and changed ones are read.
 *
 * @param root - folder of the corpora
 * @param files - paths below it
 * @returns facts or the problem of each file, by path
 * @throws the signal's reason if it stops the work
 */
export async function indexFiles(
  root: string,
  files: readonly string[],
  { cacheDirectory = join(paths.cache, 'clip-index'), onProgress, signal }: IndexOptions = {},
): Promise<Map<string, FileFacts | FileProblem>> {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const store = join(cacheDirectory, `${key}.json`);
  const known = readIndex(store);
  const index = new Map<string, Indexed>();
  let unsaved = 0;
  // Until all files were met, those of earlier times that were not yet are still to be remembered.
  const save = (): void => {
    writeIndex(store, index.size === files.length ? index : new Map([...known, ...index]));
  };
  try {
    for (const [done, path] of files.entries()) {
      signal?.throwIfAborted();
      const { size, mtimeMs: modified } = await stat(join(root, path));
      const before = known.get(path);
      if (before?.size === size && before.modified === modified) index.set(path, before);
      else {
        index.set(path, { ...(await inspectFile(join(root, path))), size, modified });
        if (++unsaved % saveEvery === 0) save();
      }
      onProgress?.(done + 1, files.length);
    }
  } finally {
    if (unsaved > 0 || (index.size === files.length && known.size > index.size)) save();
  }
  return index;
}

function readIndex(store: string): Map<string, Indexed> {
  try {
    const { version, files } = JSON.parse(readFileSync(store, 'utf8')) as {
      version: number;
      files: Record<string, Indexed>;
    };
    return version === indexVersion ? new Map(Object.entries(files)) : new Map<string, Indexed>();
  } catch {
    return new Map(); // absent or damaged: everything is read again
  }
}

/** To be raised when what an index holds changes its meaning. */
const indexVersion = 1;

function writeIndex(store: string, index: Map<string, Indexed>): void {
  mkdirSync(dirname(store), { recursive: true });
  const unfinished = `${store}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify({ version: indexVersion, files: Object.fromEntries(index) }));
  renameSync(unfinished, store);
}
