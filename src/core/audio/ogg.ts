import { ascii, AudioFormatError } from './audio-format';
import { checkPacketCount, type Packet, packetAt } from './block-stream';

/** The packets of the first logical stream in an Ogg file that contains audio. */
export interface OggStream {
  packets: Packet[];
  /** for each packet, the granule position of the page if it is the last packet that ends there, otherwise −1 */
  granules: Float64Array;
  /** the stream has its last page */
  isComplete: boolean;
  /** findings, such as missing pages */
  remarks: string[];
}

const audioStart = /^(?:OpusHead|\p{Cc}vorbis|\p{Cc}FLAC|Speex {3})/u;

/**
 * Reads the packets of an Ogg file (RFC 3533). If the file has several streams, in parallel (as in a video) or one after the other (as in
 * a recorded radio programme), only the first one with audio is read, with a remark. Damaged bytes between pages are skipped.
 *
 * @throws `AudioFormatError` if the file has no audio stream
 */
export function readOgg(bytes: Uint8Array): OggStream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets: Packet[] = [];
  const granules: number[] = [];
  const remarks: string[] = [];
  let serial: number | undefined;
  let isComplete = false;
  let sequence = 0;
  let later = false;
  let lost = 0;
  /** pieces of a packet that continues on the next page */
  let pieces: Uint8Array[] = [];
  /** bytes that may still be read for the checksums of invalid pages */
  let effort = bytes.length + freeEffort;
  for (let at = 0; at < bytes.length;) {
    const page = readPage(bytes, view, at);
    if (!page?.isValid) {
      effort -= page ? page.end - at : 0;
      if (effort < 0) throw new AudioFormatError('it is damaged: too many of its Ogg pages are invalid');
      const next = nextPage(bytes, at + 1);
      // Tags of other programs may follow the last page.
      if (next < bytes.length || !isComplete) lost += next < bytes.length ? 1 : 0;
      at = next;
      continue;
    }
    at = page.end;
    if (page.isFirst && audioStart.test(ascii(bytes, page.body, 8))) {
      if (serial === undefined) [serial, sequence] = [page.serial, page.sequence];
      else if (page.serial !== serial || isComplete) later = true;
    }
    if (page.serial !== serial || isComplete) continue;
    if (page.sequence !== sequence) lost++;
    sequence = page.sequence + 1;
    // A packet is dropped if the page with its start or with its end is missing.
    let isBroken = page.isContinued && pieces.length === 0;
    if (!page.isContinued) pieces = [];
    let lastEnd = -1;
    let start = page.body;
    let size = 0;
    for (const lacing of page.lacing) {
      size += lacing;
      if (lacing === 255) continue;
      if (isBroken) isBroken = false;
      else {
        const piece = packetAt(bytes, start, start + size);
        packets.push(pieces.length === 0 ? piece : joined([...pieces, piece]));
        granules.push(-1);
        lastEnd = packets.length - 1;
      }
      pieces = [];
      start += size;
      size = 0;
    }
    if (size > 0 && !isBroken) pieces.push(bytes.subarray(start, start + size));
    checkPacketCount(packets.length);
    if (lastEnd >= 0) granules[lastEnd] = page.granule;
    isComplete = page.isLast;
  }
  if (serial === undefined || packets.length === 0) {
    throw new AudioFormatError('it is an Ogg file without an audio stream that can be read');
  }
  if (lost > 0) {
    const parts = lost === 1 ? '1 part of it is' : `${lost} parts of it are`;
    remarks.push(`${parts} damaged or missing; times after that may be too early`);
  } else if (!isComplete)
    remarks.push('its end is missing: the recording was interrupted or the file is truncated');
  if (later) remarks.push('it contains several streams, of which only the first is used');
  return { packets, granules: Float64Array.from(granules), isComplete, remarks };
}

interface OggPage {
  serial: number;
  sequence: number;
  /** −1 if no packet ends on the page */
  granule: number;
  isContinued: boolean;
  isFirst: boolean;
  isLast: boolean;
  lacing: Uint8Array;
  /** offset of the content */
  body: number;
  /** offset of the next page */
  end: number;
  /** the checksum is right */
  isValid: boolean;
}

/**
 * Bytes, beyond the size of the file, that may be read for the checksums of invalid pages. A page has up to 65 kB, but may start every
 * few bytes in a hostile file.
 */
const freeEffort = 2 ** 24;

/**
 * Whether the granule positions from packet `first` on never fall. Otherwise they are damaged, and the length of the audio must be found
 * in another way.
 */
export function areGranulesOrdered(granules: Float64Array, first: number): boolean {
  const known = granules.subarray(first).filter((granule) => granule >= 0);
  return known.every((granule, i) => i === 0 || granule >= known[i - 1]);
}

/** @returns undefined if no page starts there */
function readPage(bytes: Uint8Array, view: DataView, at: number): OggPage | undefined {
  if (at + 27 > bytes.length || view.getUint32(at) !== 0x4f676753 || bytes[at + 4] !== 0) return undefined;
  const flags = bytes[at + 5];
  const body = at + 27 + bytes[at + 26];
  const lacing = bytes.subarray(at + 27, body);
  let end = body;
  for (const size of lacing) end += size;
  if (end > bytes.length) return undefined;
  return {
    granule: view.getInt32(at + 10, true) * 2 ** 32 + view.getUint32(at + 6, true),
    serial: view.getUint32(at + 14, true),
    sequence: view.getUint32(at + 18, true),
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    lacing,
    body,
    end,
    isValid: checksum(bytes, at, end) === view.getUint32(at + 22, true),
  };
}

/** Offset of the next page from `at` on; the length of the file if there is none. */
function nextPage(bytes: Uint8Array, at: number): number {
  for (let i = bytes.indexOf(0x4f, at); i >= 0; i = bytes.indexOf(0x4f, i + 1)) {
    if (bytes[i + 1] === 0x67 && bytes[i + 2] === 0x67 && bytes[i + 3] === 0x53) return i;
  }
  return bytes.length;
}

/** One array with the content of several. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let k = 0; k < 8; k++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** CRC-32 of a page, with zeros in place of the stored checksum. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = i >= start + 22 && i < start + 26 ? 0 : bytes[i];
    value = (value << 8) ^ crcTable[(value >>> 24) ^ byte];
  }
  return value >>> 0;
}
