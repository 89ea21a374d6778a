import { printable } from '../base';
import { adpcmFrames, microsoftWeights } from './pcm-codecs';
import {
  ascii,
  type AudioFormat,
  AudioFormatError,
  checkChannels,
  conversion,
  describeOtherFile,
  otherWavEncodings,
  type SampleEncoding,
  UnsupportedAudioError,
} from './audio-format';
import { readCaf } from './caf';
import {
  type Chunk,
  extendedFloat,
  guid,
  isPlaceholder,
  isWave64,
  presentBytes,
  riffChunks,
  truncated,
  wave64Chunks,
} from './chunks';

/**
 * Reads the header of an audio file. The format is detected from the content.
 *
 * Chunks may be in any order, with others between them, and with or without the padding byte after an odd size. A file must contain
 * all samples that its header states. There is one exception: programs that write to a pipe do not know the length and leave a
 * placeholder, which is 0 or just below 0x7F000000 (AIFF), 2^31, 2^32, 2^63 or 2^64 bytes. With a placeholder, the samples extend to
 * the end of the file.
 *
 * @param bytes - a complete WAV (RIFF, RIFX, RF64, BW64), Wave64, AIFF, AIFF-C or CAF file, or its start
 * @param fileSize - of the complete file, bytes; if `bytes` is only its start, that must contain the headers before the samples
 * @returns the format, without decoding the samples
 * @throws `AudioFormatError` if the format is not supported, or the file is damaged, truncated or has no samples
 */
export function readAudioFormat(bytes: Uint8Array, fileSize: number = bytes.length): AudioFormat {
  const read = pcmReader(bytes);
  if (!read) throw describeOtherFile(bytes);
  const format = read(bytes, fileSize);
  if (format.frames === 0) throw new AudioFormatError('it has no samples');
  return format;
}

/** Whether the bytes start like one of the formats that {@link readAudioFormat} reads. */
export const isPcmContainer = (bytes: Uint8Array): boolean => pcmReader(bytes) !== undefined;

function pcmReader(bytes: Uint8Array): ((bytes: Uint8Array, fileSize: number) => AudioFormat) | undefined {
  const form = ascii(bytes, 0, 4);
  const type = ascii(bytes, 8, 4);
  if (['RIFF', 'RIFX', 'RF64', 'BW64'].includes(form) && type === 'WAVE') return readWav;
  if (form === 'FORM' && (type === 'AIFF' || type === 'AIFC')) return readAiff;
  if (form === 'caff') return readCaf;
  return isWave64(bytes) ? readWav : undefined;
}

/** Format tags of WAV. */
const wavEncodings = new Map<number, SampleEncoding>([
  [1, 'signed'],
  [2, 'Microsoft ADPCM'],
  [3, 'float'],
  [6, 'A-law'],
  [7, 'µ-law'],
  [17, 'IMA ADPCM'],
]);
const extensible = 0xfffe;
/** Last 12 bytes of the sub-format GUID in the extensible format (it starts with a format tag): Microsoft's, and that of Ambisonics. */
const subFormatTails = ['00001000800000aa00389b71', '2107d3118644c8c1ca000000'];

/** Reads the header of a RIFF, RIFX, RF64, BW64 or Wave64 file. */
function readWav(bytes: Uint8Array, fileSize: number): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLarge = isWave64(bytes);
  const bigEndian = ascii(bytes, 0, 4) === 'RIFX';
  let fmt: Chunk | undefined;
  let data: Chunk | undefined;
  let fact: Chunk | undefined;
  const walk = (offset: number) => (isLarge ? wave64Chunks : riffChunks)(bytes, offset, bigEndian);
  for (const chunk of walk(isLarge ? 40 : 12)) {
    if (chunk.id === 'fmt ' && chunk.size >= 16) fmt ??= chunk;
    if (chunk.id === 'data' && !data?.size) data = chunk;
    if (chunk.id === 'fact' && chunk.size >= 4) fact ??= chunk;
  }
  if (!fmt || fmt.start + 16 > bytes.length) {
    throw new AudioFormatError("it is a RIFF file without a 'fmt ' chunk");
  }
  if (!data) throw new AudioFormatError("it is a WAV file without a 'data' chunk");
  const dataStart = data.start;
  const dataBytes = presentBytes(data, fileSize, walk);

  const uint16 = (offset: number): number => view.getUint16(fmt.start + offset, !bigEndian);
  const channels = uint16(2);
  const sampleRate = view.getUint32(fmt.start + 4, !bigEndian);
  checkChannels(channels, sampleRate);
  const header = {
    channels,
    sampleRate,
    bits: uint16(14),
    blockAlign: uint16(12),
    byteRate: view.getUint32(fmt.start + 8, !bigEndian),
  };

  let tag = uint16(0);
  if (tag === extensible) {
    const end = fmt.start + Math.min(fmt.size, bytes.length - fmt.start);
    const tail = guid(bytes, fmt.start + 24).slice(4);
    if (end - fmt.start < 40 || !subFormatTails.includes(tail)) {
      throw new UnsupportedAudioError('WAV', `its WAV sub-format is unknown; ${conversion}`);
    }
    tag = uint16(24);
  }
  const encoding = wavEncodings.get(tag);
  if (!encoding || (bigEndian && encoding.endsWith('ADPCM'))) {
    const name = otherWavEncodings.get(tag) ?? encoding;
    const format = `WAV format ${tag}${name ? ` (${name})` : ''}`;
    throw new UnsupportedAudioError(format, `${format} is not supported; ${conversion}`);
  }
  const isAdpcm = encoding.endsWith('ADPCM');
  const layout = isAdpcm
    ? adpcmLayout(view, fmt, encoding, header)
    : sampleLayout(bytes, encoding, header, { start: dataStart, size: dataBytes, bigEndian });
  // The fact chunk states the number of samples without the padding of the last block.
  const stated = fact && fact.start + 4 <= bytes.length ? view.getUint32(fact.start, true) : 0;
  return {
    container: isLarge ? 'Wave64' : 'WAV',
    encoding: encoding === 'signed' && layout.bitDepth === 8 ? 'unsigned' : encoding,
    bitDepth: layout.bitDepth,
    bigEndian,
    sampleRate,
    channels,
    frames: isAdpcm
      ? adpcmTotal(encoding, dataBytes, header, stated)
      : Math.floor(dataBytes / layout.blockAlign),
    dataStart: dataStart + layout.skip,
    dataBytes: dataBytes - layout.skip,
    blockAlign: layout.blockAlign,
  };
}

/** Numbers from the `fmt ` chunk. */
interface WavHeader {
  channels: number;
  sampleRate: number;
  bits: number;
  /** bytes per frame or block */
  blockAlign: number;
  /** bytes per second */
  byteRate: number;
}

interface SampleLayout {
  /** bits to read */
  bitDepth: number;
  /** bytes from one frame or block to the next */
  blockAlign: number;
  /** offset of the first sample, bytes */
  skip: number;
}

/**
 * Where the samples of PCM, float and G.711 are in their containers.
 *
 * The container of a sample has `blockAlign / channels` bytes. A sample with fewer bits is left-aligned in it (the low bits are zero),
 * so that it is decoded like an integer of the container's size. If the container has more bytes than the sample needs, arecord
 * right-aligns it instead, and some writers state a wrong block align; the samples are inspected to find out.
 *
 * @throws `AudioFormatError` if the fields of the header contradict each other
 */
function sampleLayout(
  bytes: Uint8Array,
  encoding: SampleEncoding,
  { channels, sampleRate, bits, blockAlign, byteRate }: WavHeader,
  data: { start: number; size: number; bigEndian: boolean },
): SampleLayout {
  const isInteger = encoding === 'signed';
  if (isInteger ? bits < 1 || bits > 64 : encoding === 'float' && bits !== 32 && bits !== 64) {
    throw new AudioFormatError(`${encoding} samples of ${bits} bits are not supported; ${conversion}`);
  }
  const needed = isInteger || encoding === 'float' ? Math.ceil(bits / 8) : 1;
  const packed = { bitDepth: 8 * needed, blockAlign: channels * needed, skip: 0 };
  // A smaller block align must be wrong; the byte rate shows whether the number of bits is right.
  const isByteRate = byteRate === sampleRate * packed.blockAlign;
  if (blockAlign === packed.blockAlign || blockAlign === 0) return packed;
  if (blockAlign < packed.blockAlign && isByteRate) return packed;

  const container = blockAlign / channels;
  if (isInteger && needed < container && container <= 8 && Number.isInteger(container) && bits > 8) {
    const aligned = alignment(bytes, { ...data, container, needed });
    if (aligned === 'left') return { bitDepth: 8 * container, blockAlign, skip: 0 };
    if (aligned === 'right' && bits % 8 === 0) {
      return { bitDepth: bits, blockAlign, skip: data.bigEndian ? container - needed : 0 };
    }
  }
  const stated = `${bits} bits per sample, but ${blockAlign} bytes per frame of ${channels} channels`;
  throw new AudioFormatError(
    `its header contradicts itself: ${stated}; ${conversion}, and listen to the result`,
  );
}

/** Maximum number of samples, evenly spaced, that are checked for alignment; limits the time for large files. */
const maxChecked = 65_536;

/** Whether the unused bytes of a container are the low ones (zero) or the high ones (copies of the sign). */
function alignment(
  bytes: Uint8Array,
  {
    start,
    size,
    bigEndian,
    container,
    needed,
  }: { start: number; size: number; bigEndian: boolean; container: number; needed: number },
): 'left' | 'right' | undefined {
  const count = Math.floor(Math.min(size, bytes.length - start) / container);
  const step = Math.ceil(count / maxChecked);
  let [left, right] = [true, true];
  for (let i = 0; i < count && (left || right); i += step) {
    const at = start + i * container;
    const byte = (significance: number): number =>
      bytes[bigEndian ? at + container - 1 - significance : at + significance];
    const sign = byte(needed - 1) & 128 ? 255 : 0;
    for (let unused = 0; unused < container - needed; unused++) {
      left &&= byte(unused) === 0;
      right &&= byte(needed + unused) === sign;
    }
  }
  return left ? 'left' : right ? 'right' : undefined;
}

/** As {@link sampleLayout} for ADPCM, which this library decodes in its usual variants. */
function adpcmLayout(view: DataView, fmt: Chunk, encoding: SampleEncoding, header: WavHeader): SampleLayout {
  const { bits, channels, blockAlign } = header;
  const reject = (reason: string): never => {
    const format = `${encoding} with ${reason}`;
    throw new UnsupportedAudioError(format, `${format} is not supported; ${conversion}`);
  };
  if (bits !== 4) reject(`${bits} bits per sample`);
  if (channels > 2) reject(`${channels} channels`);
  if (adpcmFrames(encoding, blockAlign, channels) === 0) reject(`blocks of ${blockAlign} bytes`);
  // After the samples per block, Microsoft's format lists the predictor coefficients (in 256ths), which are always the same.
  const end = fmt.start + Math.min(fmt.size, view.byteLength - fmt.start);
  if (encoding === 'Microsoft ADPCM' && end >= fmt.start + 50) {
    const isStandard = microsoftWeights.flat().every((weight, i) => {
      return view.getInt16(fmt.start + 22 + 2 * i, true) === 4 * weight;
    });
    if (!isStandard) reject('other than the standard coefficients');
  }
  return { bitDepth: bits, blockAlign, skip: 0 };
}

/**
 * Frames in all blocks; the last one may be incomplete.
 *
 * @param stated - in the `fact` chunk; used if it differs by less than a block
 */
function adpcmTotal(
  encoding: SampleEncoding,
  size: number,
  { blockAlign, channels }: WavHeader,
  stated: number,
): number {
  const perBlock = adpcmFrames(encoding, blockAlign, channels);
  const rest = Math.min(perBlock, adpcmFrames(encoding, size % blockAlign, channels));
  const total = Math.floor(size / blockAlign) * perBlock + rest;
  return stated <= total && stated > total - perBlock ? stated : total;
}

/** AIFF-C compression types: encoding, whether they are big-endian, and the number of bits if the type determines it. */
const compressionTypes = new Map<string, [SampleEncoding, boolean, bits?: number]>([
  ['NONE', ['signed', true]],
  ['twos', ['signed', true]],
  ['sowt', ['signed', false]],
  ['in24', ['signed', true, 24]],
  ['in32', ['signed', true, 32]],
  ['42ni', ['signed', false, 24]],
  ['42n1', ['signed', false, 24]], // as libsndfile spells it
  ['23ni', ['signed', false, 32]],
  ['raw ', ['unsigned', true, 8]],
  ['fl32', ['float', true, 32]],
  ['FL32', ['float', true, 32]],
  ['fl64', ['float', true, 64]],
  ['FL64', ['float', true, 64]],
  ['alaw', ['A-law', true, 8]],
  ['ALAW', ['A-law', true, 8]],
  ['ulaw', ['µ-law', true, 8]],
  ['ULAW', ['µ-law', true, 8]],
]);

/**
 * Reads the header of an AIFF or AIFF-C file. Two TESS clips named `.wav` are AIFF.
 *
 * @see Apple, Audio Interchange File Format version 1.3 (1989) and AIFF-C draft (1991)
 */
function readAiff(bytes: Uint8Array, fileSize: number): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let comm: Chunk | undefined;
  let ssnd: Chunk | undefined;
  const walk = (offset: number) => riffChunks(bytes, offset, true);
  for (const chunk of walk(12)) {
    if (chunk.id === 'COMM' && chunk.size >= 18) comm ??= chunk;
    if (chunk.id === 'SSND') ssnd ??= chunk;
  }
  if (!comm || comm.start + 18 > bytes.length) {
    throw new AudioFormatError("it is an AIFF file without a 'COMM' chunk");
  }
  if (!ssnd) throw new AudioFormatError("it is an AIFF file without an 'SSND' chunk");

  const compressionType = ascii(bytes, 8, 4) === 'AIFC' ? ascii(bytes, comm.start + 18, 4) : 'NONE';
  const stored = compressionTypes.get(compressionType);
  if (!stored) {
    const format = `AIFF-C compression '${printable(compressionType)}'`;
    throw new UnsupportedAudioError(format, `${format} is not supported; ${conversion}`);
  }
  const [encoding, bigEndian, bits = view.getUint16(comm.start + 6)] = stored;
  const channels = view.getUint16(comm.start);
  const sampleRate = extendedFloat(view, comm.start + 8);
  checkChannels(channels, sampleRate);
  if (bits < 1 || bits > 32 + (encoding === 'float' ? 32 : 0)) {
    throw new AudioFormatError(`AIFF samples of ${bits} bits are not supported; ${conversion}`);
  }
  const bitDepth = Math.ceil(bits / 8) * 8;
  const blockAlign = (channels * bitDepth) / 8;

  // The samples follow an offset and a block size of 4 bytes each.
  const prefix = 8 + (ssnd.start + 4 <= bytes.length ? view.getUint32(ssnd.start) : 0);
  const present = presentBytes(ssnd, fileSize, walk) - prefix;
  const frames = view.getUint32(comm.start + 2);
  const needed = frames * blockAlign;
  // A writer that does not know the length leaves a placeholder here, too.
  const isUnknown = needed > present && (isPlaceholder(needed) || isPlaceholder(frames));
  if (needed > present && !isUnknown) throw truncated(needed, present);
  const dataBytes = frames === 0 || isUnknown ? Math.max(0, present) : needed;
  return {
    container: 'AIFF',
    encoding,
    bitDepth,
    bigEndian,
    sampleRate,
    channels,
    frames: Math.floor(dataBytes / blockAlign),
    dataStart: ssnd.start + prefix,
    dataBytes,
    blockAlign,
  };
}
