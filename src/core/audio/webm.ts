import { ascii, AudioFormatError } from './audio-format';
import { checkPacketCount, type Packet, packetAt } from './block-stream';

/** The first audio track of a WebM or Matroska file. */
export interface WebmTrack {
  /** for example `A_OPUS` */
  codec: string;
  /** codec-specific header */
  codecPrivate: Uint8Array;
  packets: Packet[];
  /** time to remove from the start, seconds */
  delaySec: number;
  /** time to remove from the end, seconds */
  paddingSec: number;
  remarks: string[];
}

const ids = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  codecDelay: 0x56aa,
  encodings: 0x6d80,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
  discardPadding: 0x75a2,
} as const;

/** Elements that contain others and are searched; all other elements are skipped. */
const masters = new Set<number>([ids.segment, ids.cluster, ids.tracks, ids.trackEntry, ids.blockGroup]);
/** Elements of unknown size, as in recordings of browsers, end where one of these starts. */
const topLevel = new Set<number>([
  ids.cluster,
  ids.tracks,
  0x114d9b74, // SeekHead
  0x1549a966, // Info
  0x1c53bb6b, // Cues
  0x1043a770, // Chapters
  0x1254c367, // Tags
]);

/** The track type of audio. */
const audioTrack = 2;

interface Track {
  number: number;
  codec: string;
  codecPrivate: Uint8Array;
  delayNs: number;
  isEncoded: boolean;
}

/**
 * Reads the packets of the first audio track of a WebM or Matroska file, including files without sizes, as browsers record them.
 *
 * @throws `AudioFormatError` if it has no audio track, or the track is encrypted
 */
export function readWebm(bytes: Uint8Array): WebmTrack {
  let track: Track | undefined;
  let chosen: Track | undefined;
  const packets: Packet[] = [];
  const remarks: string[] = [];
  let discardNs = 0;
  const take = (start: number, end: number): void => {
    const number = readVarint(bytes, start, end);
    if (!number || number.value !== chosen?.number) return;
    packets.push(...framesOfBlock(bytes, number.next, end));
    checkPacketCount(packets.length);
    discardNs = 0;
  };
  let isCut = false;
  for (let at = 0; at < bytes.length;) {
    const element = readElement(bytes, at);
    if (!element) {
      // Damaged bytes: continue with the next cluster.
      isCut = true;
      at = nextCluster(bytes, at + 1);
      continue;
    }
    const { id, start, end } = element;
    if (masters.has(id)) {
      if (id === ids.trackEntry)
        track = { number: 0, codec: '', codecPrivate: new Uint8Array(0), delayNs: 0, isEncoded: false };
      at = start;
      continue;
    }
    if (end > bytes.length && (id === ids.simpleBlock || id === ids.block)) {
      isCut = true;
      break;
    }
    const content = bytes.subarray(start, end);
    if (id === ids.simpleBlock || id === ids.block) take(start, end);
    else if (id === ids.discardPadding) discardNs = signed(content);
    else if (track && id === ids.trackNumber) track.number = unsigned(content);
    else if (id === ids.trackType && unsigned(content) === audioTrack) chosen ??= track;
    else if (track && id === ids.codecId) track.codec = ascii(content, 0, 64).replace(/\0.*$/s, '');
    else if (track && id === ids.codecPrivate) track.codecPrivate = content;
    else if (track && id === ids.codecDelay) track.delayNs = unsigned(content);
    else if (track && id === ids.encodings) track.isEncoded = true;
    at = end;
  }
  if (!chosen) throw new AudioFormatError('it is a WebM or Matroska file without an audio track');
  if (chosen.isEncoded) throw new AudioFormatError('its audio track is compressed twice or encrypted');
  if (isCut) remarks.push('a part of it is damaged or missing; times after that may be too early');
  const { codec, codecPrivate, delayNs } = chosen;
  return {
    codec,
    codecPrivate,
    packets,
    delaySec: delayNs / 1e9,
    paddingSec: Math.max(0, discardNs) / 1e9,
    remarks,
  };
}

interface Element {
  id: number;
  start: number;
  /** exclusive; beyond the file if the size is unknown */
  end: number;
}

/** @returns undefined if no valid element starts there */
function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const idLength = Math.clz32(bytes[at] << 24) + 1;
  if (idLength > 4 || at + idLength >= bytes.length) return undefined;
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at + i];
  const size = readVarint(bytes, at + idLength, bytes.length);
  if (!size) return undefined;
  if (size.value === -1) return masters.has(id) ? { id, start: size.next, end: Infinity } : undefined;
  const end = size.next + size.value;
  if (
    end > bytes.length &&
    !masters.has(id) &&
    !topLevel.has(id) &&
    id !== ids.simpleBlock &&
    id !== ids.block
  )
    return undefined;
  return { id, start: size.next, end };
}

/** A number of variable length; −1 for the reserved value "unknown". */
function readVarint(
  bytes: Uint8Array,
  at: number,
  limit: number,
): { value: number; next: number } | undefined {
  const length = Math.clz32(bytes[at] << 24) + 1;
  if (length > 8 || at + length > limit) return undefined;
  let value = bytes[at] & (255 >> length);
  let isUnknown = value === 255 >> length;
  for (let i = 1; i < length; i++) {
    value = value * 256 + bytes[at + i];
    isUnknown &&= bytes[at + i] === 255;
  }
  return { value: isUnknown ? -1 : value, next: at + length };
}

function unsigned(content: Uint8Array): number {
  return content.subarray(0, 8).reduce((sum, byte) => sum * 256 + byte, 0);
}

function signed(content: Uint8Array): number {
  const value = unsigned(content);
  return content.length > 0 && content[0] & 128 ? value - 256 ** Math.min(8, content.length) : value;
}

function nextCluster(bytes: Uint8Array, at: number): number {
  for (let i = bytes.indexOf(0x1f, at); i >= 0; i = bytes.indexOf(0x1f, i + 1)) {
    if (bytes[i + 1] === 0x43 && bytes[i + 2] === 0xb6 && bytes[i + 3] === 0x75) return i;
  }
  return bytes.length;
}

/** Splits a block into frames. @param at - offset after the track number */
function framesOfBlock(bytes: Uint8Array, at: number, end: number): Packet[] {
  const lacing = (bytes[at + 2] >> 1) & 3;
  let start = at + 3;
  if (start >= end) return [];
  if (lacing === 0) return [bytes.subarray(start, end)];
  const count = bytes[start++] + 1;
  const sizes: number[] = [];
  if (lacing === 2) sizes.push(...new Array<number>(count - 1).fill(Math.floor((end - start) / count)));
  else {
    for (let i = 0; i < count - 1; i++) {
      if (lacing === 1) {
        let size = 0;
        for (let more = true; more && start < end;) {
          more = bytes[start] === 255;
          size += bytes[start++];
        }
        sizes.push(size);
      } else {
        const number = readVarint(bytes, start, end);
        if (!number) return [];
        // After the first size, differences are stored, with an offset that makes them positive.
        const bias = 2 ** (7 * (number.next - start) - 1) - 1;
        sizes.push(i === 0 ? number.value : sizes[i - 1] + number.value - bias);
        start = number.next;
      }
    }
  }
  const frames: Packet[] = [];
  for (const size of sizes) {
    if (size < 0 || start + size > end) return frames;
    frames.push(packetAt(bytes, start, start + size));
    start += size;
  }
  frames.push(packetAt(bytes, start, end));
  return frames;
}
