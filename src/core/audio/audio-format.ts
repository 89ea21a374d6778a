/** Mono audio signal. */
export interface Waveform {
  /** in [-1, 1) for integer formats (16-bit samples divided by 32,768); shape [frames] */
  samples: Float32Array;
  /** Hz */
  sampleRate: number;
}

/** Decoded audio with all channels. */
export interface AudioData {
  /** in [-1, 1) for integer formats; one array of shape [frames] per channel */
  channels: Float32Array[];
  /** Hz */
  sampleRate: number;
}

export type SampleEncoding = 'signed' | 'unsigned' | 'float' | 'compressed';

/** Content of an audio file's header. */
export interface AudioFormat {
  container: 'WAV' | 'AIFF';
  encoding: SampleEncoding;
  /** bits per sample: 8, 16, 24, 32 or 64 */
  bitDepth: number;
  bigEndian: boolean;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel */
  frames: number;
  /** offset of the first sample in the file, bytes */
  dataStart: number;
}

/** The bytes cannot be read as audio. The message states the reason; the caller adds the name of the file. */
export class AudioFormatError extends Error {
  override name = 'AudioFormatError';
}

/** Whether the bytes start like a WAV file: RIFF, big-endian RIFX, or RF64 and BW64 for files over 4 GB. */
export function isWav(bytes: Uint8Array): boolean {
  return ['RIFF', 'RIFX', 'RF64', 'BW64'].includes(ascii(bytes, 0, 4)) && ascii(bytes, 8, 4) === 'WAVE';
}

const formatTags: Partial<Record<number, SampleEncoding>> = { 1: 'signed', 3: 'float' };
const extensible = 0xfffe;
/** Written by encoders that do not know the length; the samples then extend to the end of the file. */
const unknownLength = 0xffffffff;

/**
 * Reads the header of a RIFF WAV file. Chunks may be in any order, with others between (RAVDESS has `FLLR` before `data`) or
 * after them (TESS has `LIST`).
 *
 * @throws `AudioFormatError` if the `fmt ` or `data` chunk is missing, the file is truncated, or it has no samples
 */
export function readWavFormat(bytes: Uint8Array): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let fmt: number | undefined;
  let data: Chunk | undefined;
  for (const chunk of chunks(bytes, 12, false)) {
    if (chunk.id === 'fmt ' && chunk.size >= 16) fmt = chunk.start;
    if (chunk.id === 'data') data ??= chunk;
  }
  if (fmt === undefined) throw new AudioFormatError("it is a RIFF file without a 'fmt ' chunk");
  if (!data) throw new AudioFormatError("it is a WAV file without a 'data' chunk");

  let tag = view.getUint16(fmt, true);
  if (tag === extensible && fmt + 26 <= bytes.length) tag = view.getUint16(fmt + 24, true);
  const channels = view.getUint16(fmt + 2, true);
  const sampleRate = view.getUint32(fmt + 4, true);
  const bitDepth = view.getUint16(fmt + 14, true);
  const encoding = formatTags[tag] ?? 'compressed';

  const available = bytes.length - data.start;
  const size = data.size === unknownLength ? available : data.size;
  requireSamples(size, available);
  return {
    container: 'WAV',
    encoding: encoding === 'signed' && bitDepth === 8 ? 'unsigned' : encoding,
    bitDepth,
    bigEndian: false,
    sampleRate,
    channels,
    frames: encoding === 'compressed' ? 0 : Math.floor(size / ((channels * bitDepth) / 8)),
    dataStart: data.start,
  };
}

/** Whether the bytes start like an AIFF or AIFF-C file. */
export function isAiff(bytes: Uint8Array): boolean {
  return ascii(bytes, 0, 4) === 'FORM' && ['AIFF', 'AIFC'].includes(ascii(bytes, 8, 4));
}

/** AIFF-C compression types with uncompressed samples: encoding and whether they are big-endian. */
const compressionTypes: Partial<Record<string, [SampleEncoding, boolean]>> = {
  NONE: ['signed', true],
  twos: ['signed', true],
  in24: ['signed', true],
  in32: ['signed', true],
  sowt: ['signed', false],
  fl32: ['float', true],
  FL32: ['float', true],
  fl64: ['float', true],
  FL64: ['float', true],
  'raw ': ['unsigned', true],
};

/**
 * Reads the header of an AIFF or uncompressed AIFF-C file. Two TESS clips named `.wav` are AIFF.
 *
 * @throws `AudioFormatError` if a chunk is missing, or the file is truncated, compressed or has no samples
 * @see Apple, Audio Interchange File Format version 1.3 (1989) and AIFF-C draft (1991)
 */
export function readAiffFormat(bytes: Uint8Array): AudioFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let comm: number | undefined;
  let ssnd: Chunk | undefined;
  for (const chunk of chunks(bytes, 12, true)) {
    if (chunk.id === 'COMM' && chunk.size >= 18) comm = chunk.start;
    if (chunk.id === 'SSND') ssnd = chunk;
  }
  if (comm === undefined) throw new AudioFormatError("it is an AIFF file without a 'COMM' chunk");
  if (!ssnd) throw new AudioFormatError("it is an AIFF file without an 'SSND' chunk");

  const compressionType = ascii(bytes, 8, 4) === 'AIFC' ? ascii(bytes, comm + 18, 4) : 'NONE';
  const stored = compressionTypes[compressionType];
  if (!stored) throw new AudioFormatError(`AIFF-C compression '${compressionType}' is not supported`);
  const channels = view.getInt16(comm, false);
  const frames = view.getUint32(comm + 2, false);
  const bitDepth = Math.ceil(view.getInt16(comm + 6, false) / 8) * 8;
  const dataStart = ssnd.start + 8 + view.getUint32(ssnd.start, false);

  const available = Math.min(bytes.length, ssnd.start + ssnd.size) - dataStart;
  requireSamples(frames * channels * (bitDepth / 8), available);
  return {
    container: 'AIFF',
    encoding: stored[0],
    bitDepth,
    bigEndian: stored[1],
    sampleRate: extendedFloat(view, comm + 8),
    channels,
    frames,
    dataStart,
  };
}

/** 80-bit IEEE 754 extended number, big-endian, as in the sample rate of AIFF. */
function extendedFloat(view: DataView, offset: number): number {
  const exponent = (view.getUint16(offset, false) & 0x7fff) - 16383;
  const high = view.getUint32(offset + 2, false);
  const low = view.getUint32(offset + 6, false);
  return high * 2 ** (exponent - 31) + low * 2 ** (exponent - 63);
}

interface Chunk {
  id: string;
  /** offset of the content, bytes */
  start: number;
  /** as stated in the chunk's header; may exceed the file */
  size: number;
}

/** Chunks of a RIFF (little-endian) or IFF (big-endian) file, from `offset` on. Chunks are aligned to even offsets. */
function* chunks(bytes: Uint8Array, offset: number, bigEndian: boolean): Generator<Chunk> {
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

/** @throws `AudioFormatError` if fewer bytes of samples are available than the header states, or none at all */
function requireSamples(stated: number, available: number): void {
  if (stated > available) {
    throw new AudioFormatError(
      `it is truncated: its header states ${stated} bytes of samples, but only ${available} are available`,
    );
  }
  if (stated === 0) throw new AudioFormatError('it has no samples');
}
