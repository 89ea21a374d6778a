import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeEntry,
  decodeHeader,
  encodeShard,
  headerLength,
  prefixBytes,
  type ShardEntry,
  type StoredFeature,
} from './shard';

/** Features on disk, found by the content of the recording and the options they were made with. */
export interface FeatureStore {
  /**
   * Reads what is there of what is wanted, each once. A damaged entry is dropped from the disk and passed over.
   *
   * @param isWanted - asked before the entry's numbers are read
   */
  read(
    isWanted: (entry: { sha256: string; key: string }) => boolean,
    onFeature: (feature: StoredFeature) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Writes some features as one shard, whole or not at all. */
  write(features: readonly StoredFeature[]): Promise<void>;
  /** what it holds; damaged shards count nothing */
  size(): Promise<{ entries: number; bytes: number; shards: number }>;
}

const suffix = '.features';

/**
 * Opens the store in a folder, or makes it. It only ever grows by whole files (written aside, then renamed), so that a
 * process killed at any moment leaves what was there, and several may write at once.
 */
export async function openStore(directory: string): Promise<FeatureStore> {
  await mkdir(directory, { recursive: true });
  await removeUnfinished(directory);

  return {
    read: async (isWanted, onFeature, signal) => {
      const seen = new Set<string>();
      const isNew = ({ sha256, key }: ShardEntry): boolean =>
        !seen.has(sha256 + key) && isWanted({ sha256, key });
      for (const file of await shardsIn(directory)) {
        signal?.throwIfAborted();
        const entries = await readHeader(file);
        if (entries === undefined) await rm(file, { force: true });
        if (!entries?.some(isNew)) continue;
        const bytes = await readFile(file);
        let damaged = false;
        for (const entry of entries) {
          if (!isNew(entry)) continue;
          const matrix = decodeEntry(bytes, entry);
          if (!matrix) damaged = true;
          else {
            seen.add(entry.sha256 + entry.key);
            onFeature({ sha256: entry.sha256, key: entry.key, matrix });
          }
        }
        if (damaged) await keepSoundEntries(file, bytes, entries);
      }
    },
    write: async (features) => {
      if (features.length > 0) await writeShard(join(directory, `${randomUUID()}${suffix}`), features);
    },
    size: async () => {
      const total = { entries: 0, bytes: 0, shards: 0 };
      for (const file of await shardsIn(directory)) {
        const entries = await readHeader(file);
        if (!entries) continue;
        total.shards++;
        total.entries += entries.length;
        total.bytes += entries.reduce(
          (end, { start, shape }) => Math.max(end, start + shape[0] * shape[1] * 4),
          0,
        );
      }
      return total;
    },
  };
}

/** In an order that does not change. */
async function shardsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(directory, name));
}

/** @returns undefined if the file is no sound shard; nothing if another process has just deleted it */
async function readHeader(path: string): Promise<ShardEntry[] | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const take = async (length: number, at: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    const prefix = await take(prefixBytes, 0);
    const length = headerLength(prefix);
    if (length === undefined || length > size) return undefined;
    return decodeHeader(prefix, await take(length, prefixBytes));
  } finally {
    await file.close();
  }
}

async function keepSoundEntries(path: string, bytes: Buffer, entries: readonly ShardEntry[]): Promise<void> {
  const sound = entries.flatMap(({ sha256, key }, i) => {
    const matrix = decodeEntry(bytes, entries[i]);
    return matrix ? [{ sha256, key, matrix }] : [];
  });
  if (sound.length > 0) await writeShard(path, sound);
  else await rm(path, { force: true });
}

async function writeShard(path: string, features: readonly StoredFeature[]): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, encodeShard(features));
  await rename(unfinished, path);
}

/** What processes that live no more were writing. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const writer = /\.features\.(\d+)$/.exec(name)?.[1];
    if (writer !== undefined && !isRunning(Number(writer))) await rm(join(directory, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
