import { printable } from '../base';
import {
  ascii,
  type AudioFormat,
  AudioFormatError,
  checkChannels,
  conversion,
  type SampleEncoding,
  UnsupportedAudioError,
} from './audio-format';
import { truncated } from './chunks';

/** Compressed formats in CAF files. */
const otherFormats = new Map([
  ['alac', 'Apple Lossless (ALAC)'],
  ['aac ', 'AAC'],
  ['.mp3', 'MP3'],
  ['ima4', 'IMA ADPCM of Apple'],
  ['opus', 'Opus'],
  ['flac', 'FLAC'],
]);

/** More chunks than any file has; limits the time for damaged files. */
const maxChunks = 10_000;

/**
 * Reads the header of a Core Audio Format file with uncompressed samples, A-law or µ-law.
 *
 * @param fileSize - of the complete file, bytes
 * @throws UnsupportedAudioError if the samples are compressed in another way
 * @throws AudioFormatError if the file is damaged or truncated
 * @see Apple, Core Audio Format Specification 1.0 (2006)
 */
export function readCaf(bytes: Uint8Array, fileSize: number): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Omit<AudioFormat, 'frames' | 'dataStart' | 'dataBytes'> | undefined;
  for (let at = 8, count = 0; at + 12 <= bytes.length && count < maxChunks; count++) {
    const id = ascii(bytes, at, 4);
    // The size −1 is that of a recording in progress: to the end of the file.
    const stated = view.getInt32(at + 4) * 2 ** 32 + view.getUint32(at + 8);
    const start = at + 12;
    const available = fileSize - start;
    if (id === 'desc' && start + 32 <= bytes.length) format = readDescription(bytes, view, start);
    if (id === 'data') {
      if (!format) throw new AudioFormatError("it is a CAF file without a 'desc' chunk before its samples");
      // The samples follow a number of 4 bytes.
      const dataBytes = (stated === -1 ? available : stated) - 4;
      if (dataBytes > available - 4) throw truncated(dataBytes, available - 4);
      const frames = Math.max(0, Math.floor(dataBytes / format.blockAlign));
      return { ...format, frames, dataStart: start + 4, dataBytes };
    }
    if (stated < 0) break;
    at = start + stated;
  }
  throw new AudioFormatError("it is a CAF file without a 'data' chunk");
}

function readDescription(
  bytes: Uint8Array,
  view: DataView,
  at: number,
): Omit<AudioFormat, 'frames' | 'dataStart' | 'dataBytes'> {
  const sampleRate = view.getFloat64(at);
  const id = ascii(bytes, at + 8, 4);
  const flags = view.getUint32(at + 12);
  const bytesPerPacket = view.getUint32(at + 16);
  const channels = view.getUint32(at + 24);
  const bits = view.getUint32(at + 28);
  const encodings = new Map<string, SampleEncoding>([
    ['lpcm', flags & 1 ? 'float' : 'signed'],
    ['alaw', 'A-law'],
    ['ulaw', 'µ-law'],
  ]);
  const encoding = encodings.get(id);
  if (!encoding)
    throw new UnsupportedAudioError(`CAF with ${otherFormats.get(id) ?? `the format '${printable(id)}'`}`);
  checkChannels(channels, sampleRate);
  const bitDepth = id === 'lpcm' ? bits : 8;
  const isUsable = encoding === 'float' ? [32, 64].includes(bits) : [8, 16, 24, 32].includes(bitDepth);
  if (!isUsable || bytesPerPacket !== (channels * bitDepth) / 8) {
    throw new UnsupportedAudioError(
      'CAF',
      `CAF samples of ${bits} bits in ${bytesPerPacket} bytes per frame are not supported; ${conversion}`,
    );
  }
  return {
    container: 'CAF',
    encoding,
    bitDepth,
    bigEndian: (flags & 2) === 0,
    sampleRate,
    channels,
    blockAlign: bytesPerPacket,
  };
}
