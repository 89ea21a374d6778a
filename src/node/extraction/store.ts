import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { canonicalHash, messageOf } from '../../core/base';
import type { Matrix } from '../../core/dsp';
import { type FeatureConfig, type FeatureName, frameCount, sampleFeature } from '../../core/features';
import { explainFileError, fileErrorCode, openFolder, removeAbandoned, writeStreamAtomic } from '../files';

/** Features on disk, identified by the recording's content and the options that they depend on. */
export interface FeatureStore {
  /**
   * Reads the requested features. Damaged entries are deleted and skipped.
   *
   * @param isWanted - called before the entry's numbers are read; several shards may contain the same entry
   */
  read(
    isWanted: (entry: { sha256: string; key: string }) => boolean,
    onFeature: (feature: StoredFeature) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Writes features as one shard, completely or not at all. */
  write(features: readonly StoredFeature[]): Promise<void>;
  /** total size, without damaged shards */
  size(): Promise<{ entries: number; bytes: number; shards: number }>;
}

/** One feature of one version of one recording. */
export interface StoredFeature {
  /** hash of the recording's file */
  sha256: string;
  /** hash of the options, from {@link featureKeys} */
  key: string;
  matrix: Matrix;
}

const suffix = '.features';

/**
 * Opens the store in a folder; creates the folder if it is missing. Shards are written atomically and never extended, so that a
 * process can be killed at any time and several processes can write at once.
 */
export async function openStore(directory: string): Promise<FeatureStore> {
  openFolder(directory);
  removeAbandoned(directory, /\.features\.(\d+)$/);
  await shardsIn(directory); // fails if the folder cannot be read

  return {
    read: async (isWanted, onFeature, signal) => {
      for (const file of await shardsIn(directory)) {
        signal?.throwIfAborted();
        const entries = await readHeader(file);
        if (entries === undefined) await removeShard(file);
        if (!entries?.some(isWanted)) continue;
        const bytes = await readShard(file);
        if (!bytes) continue;
        let damaged = false;
        for (const entry of entries) {
          if (!isWanted(entry)) continue;
          const matrix = decodeEntry(bytes, entry);
          if (!matrix) damaged = true;
          else onFeature({ sha256: entry.sha256, key: entry.key, matrix });
        }
        // On a full or read-only disk the damaged shard stays; its damaged entries are skipped each time.
        if (damaged) await removeDamagedEntries(file, bytes, entries).catch(() => undefined);
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

/** A store whose file errors do not stop the caller; see {@link openCache}. */
export type FeatureCache = Pick<FeatureStore, 'read' | 'write'>;

/** Options of {@link openCache}. */
interface CacheOptions {
  signal?: AbortSignal;
  /** called once if the store cannot be read or written; default none */
  onWarning?: (problem: string) => void;
  /** a larger store is deleted first; default no limit */
  maxBytes?: number;
}

/**
 * Opens the store in a folder as a cache: if its files cannot be read or written, for example because the disk is full, it stays unused
 * from then on, and everything is computed again.
 *
 * @param directory - or false for none
 */
export async function openCache(
  directory: string | false,
  { signal, onWarning, maxBytes = Infinity }: CacheOptions = {},
): Promise<FeatureCache> {
  let store: FeatureStore | undefined;
  const tolerate = async (use: () => Promise<void> | undefined): Promise<void> => {
    try {
      await use();
    } catch (error) {
      signal?.throwIfAborted();
      if (fileErrorCode(error) === undefined) throw error;
      store = undefined;
      onWarning?.(messageOf(explainFileError(error)));
    }
  };
  await tolerate(async () => {
    if (directory === false) return;
    store = await openStore(directory);
    if (maxBytes === Infinity || (await store.size()).bytes <= maxBytes) return;
    await rm(directory, { recursive: true, force: true });
    store = await openStore(directory);
  });
  return {
    read: (...request) => tolerate(() => store?.read(...request)),
    write: (features) => tolerate(() => store?.write(features)),
  };
}

/** Paths of the shards, sorted so that the order is reproducible. */
async function shardsIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw explainFileError(error, directory);
  });
  return names
    .filter((name) => name.endsWith(suffix) && !name.startsWith('.'))
    .sort()
    .map((name) => join(directory, name));
}

/** @returns undefined if the shard is damaged; no entries if another process has just deleted it */
async function readHeader(path: string): Promise<ShardEntry[] | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const readBytes = async (length: number, start: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    };
    const prefix = await readBytes(prefixBytes, 0);
    const length = headerLength(prefix);
    if (length === undefined || length > size) return undefined;
    return decodeHeader(prefix, await readBytes(length, prefixBytes));
  } catch {
    return []; // for example a disk error: the shard is skipped, not deleted
  } finally {
    await file.close();
  }
}

async function removeDamagedEntries(
  path: string,
  bytes: Buffer,
  entries: readonly ShardEntry[],
): Promise<void> {
  const intact = entries.flatMap(({ sha256, key }, i) => {
    const matrix = decodeEntry(bytes, entries[i]);
    return matrix ? [{ sha256, key, matrix }] : [];
  });
  if (intact.length > 0) await writeShard(path, intact);
  else await removeShard(path);
}

function writeShard(path: string, features: readonly StoredFeature[]): Promise<void> {
  return writeStreamAtomic(path, [encodeShard(features)]);
}

/** Deletes a damaged shard; on a read-only disk it stays. */
async function removeShard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** @returns undefined if the shard cannot be read, or another process has just deleted it */
async function readShard(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}

/** An entry in a shard's header. */
interface ShardEntry {
  sha256: string;
  key: string;
  shape: [rows: number, columns: number];
  /** position of its first byte in the file */
  start: number;
  /** CRC-32 of its bytes */
  checksum: number;
}

/** A shard starts with `SEFEATS1`, the length of the header and its CRC-32. */
const magic = Buffer.from('SEFEATS1');
const prefixBytes = magic.length + 8;

/** A shard's bytes: the prefix, a header in JSON, then the entries' float32 numbers (little-endian) without gaps. */
function encodeShard(features: readonly StoredFeature[]): Buffer {
  const parts = features.map(({ matrix: { data } }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  const entries = features.map(({ sha256, key, matrix }, i) => [
    sha256,
    key,
    ...matrix.shape,
    crc32(parts[i]),
  ]);
  const header = Buffer.from(JSON.stringify(entries));
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32LE(header.length, magic.length);
  prefix.writeUInt32LE(crc32(header), magic.length + 4);
  return Buffer.concat([prefix, header, ...parts]);
}

/** The length of a shard's header, or undefined if the prefix is not that of a shard. */
function headerLength(prefix: Buffer): number | undefined {
  const isShard = prefix.length === prefixBytes && prefix.subarray(0, magic.length).equals(magic);
  return isShard ? prefix.readUInt32LE(magic.length) : undefined;
}

/** A shard's entries, or undefined if its header is damaged. */
function decodeHeader(prefix: Buffer, header: Buffer): ShardEntry[] | undefined {
  if (crc32(header) !== prefix.readUInt32LE(magic.length + 4)) return undefined;
  let start = prefixBytes + header.length;
  const entries = JSON.parse(header.toString()) as [string, string, number, number, number][];
  return entries.map(([sha256, key, rows, columns, checksum]) => {
    const entry: ShardEntry = { sha256, key, shape: [rows, columns], start, checksum };
    start += rows * columns * 4;
    return entry;
  });
}

/** An entry's numbers, or undefined if they are damaged. */
function decodeEntry(bytes: Buffer, { shape, start, checksum }: ShardEntry): Matrix | undefined {
  const end = start + shape[0] * shape[1] * 4;
  if (end > bytes.length) return undefined;
  const part = bytes.subarray(start, end);
  if (crc32(part) !== checksum) return undefined;
  // Copied, because an entry need not start at a multiple of four bytes.
  return { data: new Float32Array(new Uint8Array(part).buffer), shape };
}

/** Increase when the same options give different numbers. */
const numbersVersion = 3;

/**
 * The store's keys for each feature of each version: hashes of only the options that its numbers depend on, so that a changed
 * option recomputes only what it affects. The names of the versions do not matter, only their augmentations.
 *
 * @param frontEnd - name of the front end: kernel and plain functions differ in the last digits
 * @returns shape [version][feature], in the order of the configuration
 */
export function featureKeys(config: FeatureConfig, frontEnd: string): string[][] {
  const { sampleRate, offsetSec, durationSec, nFft, hopLength, seed } = config;
  return Object.values(config.versions).map((augmentations) => {
    const isRandom = augmentations.some(({ kind }) => kind !== 'pitch' && kind !== 'stretch');
    const row = {
      numbersVersion,
      frontEnd,
      sampleRate,
      offsetSec,
      durationSec,
      nFft,
      hopLength,
      augmentations,
    };
    const common = {
      ...row,
      frames: frameCount(config),
      seed: isRandom ? seed : undefined,
      // Features stored before this option existed do not have it in their key.
      ...(config.trimDb !== null && { trimDb: config.trimDb }),
    };
    return config.features.map((feature) =>
      canonicalHash({ ...common, feature, ...ownOptions(feature, config) }),
    );
  });
}

function ownOptions(feature: FeatureName, config: FeatureConfig): Partial<FeatureConfig> {
  const { nMfcc, lifter, nMels, fMin, fMax } = config;
  // Features stored before this option existed have no level in their key.
  const level = config.levelDb === null ? {} : { levelDb: config.levelDb };
  if (feature === 'mfcc' || feature === 'deltas') return { nMfcc, lifter, nMels, fMin, fMax, ...level };
  if (feature === 'logMel') return { nMels, fMin, fMax, ...level };
  if (feature === 'rms') return level;
  const options = sampleFeature(feature)?.options ?? [];
  return Object.fromEntries(options.map((option) => [option, config[option]]));
}
