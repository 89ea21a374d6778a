import { AudioFormatError } from './audio-data';

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

/**
 * Checks that the samples that a header promises are there.
 *
 * @param promised - bytes, by the header
 * @param there - bytes from the first sample to the end of the file or chunk
 * @throws {@link AudioFormatError} if there are fewer, or none at all
 */
export function requireSamples(promised: number, there: number): void {
  if (promised > there) {
    throw new AudioFormatError(
      `it is cut short: its header promises ${promised} bytes of samples, ${there} are there`,
    );
  }
  if (promised === 0) throw new AudioFormatError('it has no samples');
}
