import { ascii, AudioFormatError } from './audio-format';

/** Part of a RIFF or IFF file. */
export interface Chunk {
  id: string;
  /** offset of the content, bytes */
  start: number;
  /** as stated in the chunk's header; may exceed the file */
  size: number;
}

/** More chunks than any file has; limits the time for damaged files. */
const maxChunks = 10_000;

/** Chunks of a RIFF, RIFX, RF64 or IFF file from `offset` on. */
export function* riffChunks(bytes: Uint8Array, offset: number, bigEndian: boolean): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sizes = new Map<string, number>();
  let at = offset;
  for (let count = 0; at + 8 <= bytes.length && count < maxChunks; count++) {
    const id = ascii(bytes, at, 4);
    const chunk = { id, start: at + 8, size: view.getUint32(at + 4, !bigEndian) };
    if (id === 'ds64' && count === 0) sizes = largeSizes(bytes, chunk);
    // RF64 stores 64-bit sizes in its first chunk; the chunks that they belong to state 2^32 - 1.
    if (chunk.size === 0xffffffff || (chunk.size === 0 && id === 'data'))
      chunk.size = sizes.get(id) ?? chunk.size;
    yield chunk;
    at = chunk.start + chunk.size;
    if (chunk.size % 2 === 1 && !isUnpadded(bytes, at)) at++;
  }
}

/** Chunk sizes by ID, from the `ds64` chunk of RF64 and BW64 (EBU Tech 3306). */
function largeSizes(bytes: Uint8Array, { start, size }: Chunk): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(start + size, bytes.length);
  const sizes = new Map<string, number>();
  if (end - start < 24) return sizes;
  for (let at = start + 28; at + 12 <= end && sizes.size < maxChunks; at += 12) {
    sizes.set(ascii(bytes, at, 4), uint64(view, at + 4));
  }
  return sizes.set('data', uint64(view, start + 8));
}

/** Whether the next chunk starts at this odd offset, because the writer omitted the padding byte. */
function isUnpadded(bytes: Uint8Array, at: number): boolean {
  const known = ['fmt ', 'data', 'fact', 'LIST', 'COMM', 'SSND'];
  return !known.includes(ascii(bytes, at + 1, 4)) && isChunkId(ascii(bytes, at, 4));
}

function isChunkId(id: string): boolean {
  return /^[\x20-\x7e]{4}$/.test(id);
}

/** Whether the bytes start like a Wave64 file. */
export function isWave64(bytes: Uint8Array): boolean {
  const riff = 'riff2e91cf11a5d628db04c10000';
  return ascii(bytes, 0, 4) === 'riff' && guid(bytes, 0) === riff && guid(bytes, 24) === `wave${wave64Tail}`;
}

const wave64Tail = 'f3acd3118cd100c04f8edb8a';

/** The 16 bytes from `at` on: four as text, the others as hex digits. */
export function guid(bytes: Uint8Array, at: number): string {
  const tail = Array.from(bytes.subarray(at + 4, at + 16), (byte) => byte.toString(16).padStart(2, '0'));
  return ascii(bytes, at, 4) + tail.join('');
}

/** Chunks of a Wave64 file: they have GUIDs, 64-bit sizes that include the header, and offsets that are multiples of 8. */
export function* wave64Chunks(bytes: Uint8Array, offset: number): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = offset;
  for (let count = 0; at + 24 <= bytes.length && count < maxChunks; count++) {
    const size = Math.max(0, uint64(view, at + 16) - 24);
    const name = guid(bytes, at);
    yield { id: name.endsWith(wave64Tail) ? name.slice(0, 4) : 'GUID', start: at + 24, size };
    at += 24 + Math.ceil(size / 8) * 8;
  }
}

/** Little-endian; sizes above 2^53 are rounded. */
function uint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** Placeholder sizes of writers that cannot seek (sox, ffmpeg, arecord, browsers). Some subtract the header or part of a frame. */
const placeholders = [0x7f000000, 2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64];

export function isPlaceholder(size: number): boolean {
  return placeholders.some((limit) => size > limit - 65_536 && size <= limit + 256);
}

/**
 * Number of bytes of a chunk's content that are in the file.
 *
 * @param walk - iterates over the chunks from an offset on
 * @throws `AudioFormatError` if the file ends earlier than the chunk's header states
 */
export function presentBytes(
  { start, size }: Chunk,
  fileSize: number,
  walk: (offset: number) => Iterable<Chunk>,
): number {
  const available = fileSize - start;
  // A size of 0 is a placeholder, unless other chunks follow.
  if (size === 0) return isChunkSequence(walk(start), fileSize) ? 0 : available;
  if (size <= available) return size;
  if (isPlaceholder(size)) return available;
  throw truncated(size, available);
}

/** Whether the chunks extend exactly to the end of the file. */
function isChunkSequence(chunks: Iterable<Chunk>, fileSize: number): boolean {
  let end = -1;
  for (const { id, start, size } of chunks) {
    if (!isChunkId(id)) return false;
    end = start + size;
  }
  return end === fileSize || end + 1 === fileSize;
}

/** The error for a file that ends too early. */
export function truncated(stated: number, available: number): AudioFormatError {
  return new AudioFormatError(
    `it is truncated: its header states ${stated} bytes of samples, but only ${Math.max(0, available)} are available`,
  );
}

/** 80-bit IEEE 754 extended number, big-endian, as in the sample rate of AIFF. */
export function extendedFloat(view: DataView, offset: number): number {
  const sign = view.getUint8(offset) & 0x80 ? -1 : 1;
  const exponent = (view.getUint16(offset) & 0x7fff) - 16383;
  const high = view.getUint32(offset + 2);
  const low = view.getUint32(offset + 6);
  return sign * (high * 2 ** (exponent - 31) + low * 2 ** (exponent - 63));
}
