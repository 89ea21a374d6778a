/** A chunk of a RIFF or IFF file; `size` is what its header says, which may be more than there is. */
export interface Chunk {
  id: string;
  /** offset of its content, bytes */
  start: number;
  size: number;
}

/** The chunks of a RIFF (little-endian) or IFF (big-endian) file, from `offset` on. Chunks begin on even bytes. */
export function* chunks(bytes: Uint8Array, offset: number, bigEndian: boolean): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = offset; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, !bigEndian);
    yield { id: ascii(bytes, at, 4), start: at + 8, size };
    at += 8 + size + (size % 2);
  }
}

/** `length` bytes from `offset` as text. */
export function ascii(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}
