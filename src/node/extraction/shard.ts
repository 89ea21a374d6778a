import { crc32 } from 'node:zlib';
import type { Matrix } from '../../core/dsp';

/** One stored feature of one version of one recording. */
export interface StoredFeature {
  /** of the recording's file */
  sha256: string;
  /** of the options, from `featureKeys` */
  key: string;
  matrix: Matrix;
}

/** What a shard's header says of an entry. */
export interface ShardEntry {
  sha256: string;
  key: string;
  shape: [rows: number, columns: number];
  /** of its first byte in the file */
  start: number;
  /** CRC-32 of its bytes */
  checksum: number;
}

/** `SEFEATS1`, the header's length and its CRC-32 */
const magic = Buffer.from('SEFEATS1');
export const prefixBytes = magic.length + 8;

/** A shard's bytes: the prefix, a header in JSON, then the entries' 32-bit floats (little-endian) without gaps. */
export function encodeShard(features: readonly StoredFeature[]): Buffer {
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

/** How long a shard's header is, or undefined if the prefix is not a shard's. */
export function headerLength(prefix: Buffer): number | undefined {
  const isShard = prefix.length === prefixBytes && prefix.subarray(0, magic.length).equals(magic);
  return isShard ? prefix.readUInt32LE(magic.length) : undefined;
}

/** A shard's entries, or undefined if its header is damaged. */
export function decodeHeader(prefix: Buffer, header: Buffer): ShardEntry[] | undefined {
  if (crc32(header) !== prefix.readUInt32LE(magic.length + 4)) return undefined;
  let start = prefixBytes + header.length;
  const entries = JSON.parse(header.toString()) as [string, string, number, number, number][];
  return entries.map(([sha256, key, rows, columns, checksum]) => {
    const entry: ShardEntry = { sha256, key, shape: [rows, columns], start, checksum };
    start += rows * columns * 4;
    return entry;
  });
}

/** An entry's numbers from the bytes of its shard, or undefined if they are damaged. */
export function decodeEntry(bytes: Buffer, { shape, start, checksum }: ShardEntry): Matrix | undefined {
  const end = start + shape[0] * shape[1] * 4;
  if (end > bytes.length) return undefined;
  const part = bytes.subarray(start, end);
  if (crc32(part) !== checksum) return undefined;
  // A copy, as the entry need not lie at a multiple of four.
  return { data: new Float32Array(new Uint8Array(part).buffer), shape };
}
