import { ascii, AudioFormatError, checkSampleRate, UnsupportedAudioError } from './audio-format';
import { type BlockStream, withCountedFrames } from './block-stream';

/** Content of STREAMINFO, the first metadata block. */
interface StreamInfo {
  sampleRate: number;
  channels: number;
  bitDepth: number;
  /** samples per channel; 0 if the encoder did not know */
  frames: number;
  /** offset of the first FLAC frame, bytes */
  dataStart: number;
}

/** Maximum number of metadata blocks; limits the time for damaged files. */
const maxMetadataBlocks = 1000;

/**
 * Opens a FLAC stream (RFC 9639) with samples of 4 to 24 bits. Every frame is checked against its CRC, and the number of samples
 * against the header.
 *
 * @param bytes - from the marker `fLaC` on
 * @throws `AudioFormatError` if the header is damaged; the blocks throw it if a frame is damaged or missing
 */
export async function openFlac(bytes: Uint8Array): Promise<BlockStream> {
  const info = readStreamInfo(bytes);
  const { sampleRate, channels, frames } = info;
  const stream = { codec: 'FLAC', sampleRate, channels, frames, blocks: () => flacBlocks(bytes, info) };
  return frames > 0 ? stream : withCountedFrames(stream);
}

function readStreamInfo(bytes: Uint8Array): StreamInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 42 || ascii(bytes, 0, 4) !== 'fLaC' || (bytes[4] & 127) !== 0) {
    throw new AudioFormatError('it is a FLAC file without stream information: it is truncated or damaged');
  }
  const packed = view.getUint32(18);
  const info = {
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitDepth: ((packed >>> 4) & 31) + 1,
    frames: (packed & 15) * 2 ** 32 + view.getUint32(22),
    dataStart: 4,
  };
  checkSampleRate(info.sampleRate);
  if (info.bitDepth < 4 || info.bitDepth > 24)
    throw new UnsupportedAudioError(`FLAC with ${info.bitDepth} bits per sample`);
  for (let block = 0; block < maxMetadataBlocks; block++) {
    if (info.dataStart + 4 > bytes.length) break;
    const header = view.getUint32(info.dataStart);
    info.dataStart += 4 + (header & 0xffffff);
    if (header >>> 31) return info;
  }
  throw new AudioFormatError('it is a FLAC file without samples: it is truncated or damaged');
}

/** Samples per channel in one block of the stream, at least; fewer blocks are faster to handle. */
const blockFrames = 32_768;

function* flacBlocks(bytes: Uint8Array, info: StreamInfo): Generator<Float32Array[]> {
  const scale = 2 ** (1 - info.bitDepth);
  const work = Array.from({ length: info.channels }, () => new Int32Array(65_536));
  let at = info.dataStart;
  let total = 0;
  for (let frame = 1; info.frames === 0 ? isSync(bytes, at) : total < info.frames;) {
    const out = work.map(() => new Float32Array(blockFrames + 65_536));
    let filled = 0;
    let failure: unknown;
    while (filled < blockFrames && (info.frames === 0 ? isSync(bytes, at) : total < info.frames)) {
      let decoded;
      try {
        decoded = nextFrame(frame++);
      } catch (error) {
        failure = error; // after the samples before it
        break;
      }
      const { length, end } = decoded;
      const wanted = info.frames === 0 ? length : Math.min(length, info.frames - total);
      for (const [channel, samples] of work.entries()) {
        const target = out[channel];
        for (let i = 0; i < wanted; i++) target[filled + i] = samples[i] * scale;
      }
      filled += wanted;
      total += wanted;
      at = end;
    }
    if (filled > 0) yield out.map((samples) => samples.slice(0, filled));
    if (failure !== undefined) throw failure as Error;
  }

  function nextFrame(number: number): { length: number; end: number } {
    if (at < bytes.length) return decodeFrame(bytes, at, info, work, number);
    throw new AudioFormatError(
      `it is truncated: its header states ${info.frames} samples, but only ${total} are available`,
    );
  }
}

const isSync = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xff && (bytes[at + 1] & 0xfe) === 0xf8;

/** Frame sizes by code; 6 and 7 follow in the header. */
const blockSizes = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768];
/** Bits per sample by code; 0 is that of the stream. */
const sampleSizes = [0, 8, 12, -1, 16, 20, 24, 32];

/**
 * Decodes one frame.
 *
 * @param out - one array per channel, overwritten from the start
 * @param number - from 1, for messages
 * @returns the number of samples per channel, and the offset of the next frame
 */
function decodeFrame(
  bytes: Uint8Array,
  start: number,
  info: StreamInfo,
  out: readonly Int32Array[],
  number: number,
): { length: number; end: number } {
  const damaged = (what: string): AudioFormatError =>
    new AudioFormatError(`it is damaged: ${what} of FLAC frame ${number} is invalid`);
  if (!isSync(bytes, start)) throw damaged('the start');
  const reader = new BitReader(bytes, start + 2);
  const sizeCode = reader.bits(4);
  const rateCode = reader.bits(4);
  const assignment = reader.bits(4);
  const bitsCode = reader.bits(3);
  reader.bits(1);
  for (let more = leadingOnes(reader.bits(8)) - 1; more > 0; more--) reader.bits(8); // the frame's number, as in UTF-8
  const length =
    sizeCode === 6 ? reader.bits(8) + 1 : sizeCode === 7 ? reader.bits(16) + 1 : blockSizes[sizeCode];
  if (rateCode >= 12) reader.bits(rateCode === 12 ? 8 : 16);
  if (checksum(crc8Table, 8, bytes, start, reader.byte) !== reader.bits(8)) throw damaged('the header');
  const bitDepth = bitsCode === 0 ? info.bitDepth : sampleSizes[bitsCode];
  const channels = assignment < 8 ? assignment + 1 : 2;
  if (
    length === 0 ||
    rateCode === 15 ||
    assignment > 10 ||
    bitDepth !== info.bitDepth ||
    channels !== info.channels
  ) {
    throw damaged('the header');
  }
  for (let channel = 0; channel < channels; channel++) {
    // The difference of two channels has one bit more.
    const isSide = assignment === 9 ? channel === 0 : assignment > 7 && channel === 1;
    if (!decodeSubframe(reader, out[channel], length, bitDepth + (isSide ? 1 : 0)))
      throw damaged('a channel');
  }
  const end = reader.byte;
  const stored = (bytes[end] << 8) | bytes[end + 1];
  if (end + 2 > bytes.length || checksum(crc16Table, 16, bytes, start, end) !== stored)
    throw damaged('the checksum');
  if (assignment > 7) joinChannels(assignment, out[0], out[1], length);
  return { length, end: end + 2 };
}

/** Restores left and right from left/side, side/right or mid/side. */
function joinChannels(assignment: number, first: Int32Array, second: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) {
    if (assignment === 8) second[i] = first[i] - second[i];
    else if (assignment === 9) first[i] += second[i];
    else {
      const side = second[i];
      const mid = (first[i] << 1) | (side & 1);
      first[i] = (mid + side) >> 1;
      second[i] = (mid - side) >> 1;
    }
  }
}

/** Coefficients of the fixed predictors of order 0 to 4, the latest sample first. */
const fixedPredictors = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/** @returns false if it is invalid */
function decodeSubframe(reader: BitReader, out: Int32Array, length: number, bits: number): boolean {
  if (reader.bits(1) !== 0) return false;
  const type = reader.bits(6);
  const wasted = reader.bits(1) === 0 ? 0 : reader.unary() + 1;
  const size = bits - wasted;
  if (size < 1) return false;
  if (type === 0) out.fill(reader.signed(size), 0, length);
  else if (type === 1) for (let i = 0; i < length; i++) out[i] = reader.signed(size);
  else {
    const isFixed = type >= 8 && type <= 12;
    if (!isFixed && type < 32) return false;
    const order = isFixed ? type - 8 : type - 31;
    if (order > length) return false;
    for (let i = 0; i < order; i++) out[i] = reader.signed(size);
    let coefficients = fixedPredictors[order] as ArrayLike<number>;
    let shift = 0;
    if (!isFixed) {
      const precision = reader.bits(4) + 1;
      shift = reader.signed(5);
      if (precision === 16 || shift < 0) return false;
      coefficients = Int32Array.from({ length: order }, () => reader.signed(precision));
    }
    if (!decodeResidual(reader, out, length, order)) return false;
    predict(out, length, coefficients, 2 ** -shift);
  }
  if (wasted > 0) for (let i = 0; i < length; i++) out[i] <<= wasted;
  return true;
}

/** Adds the prediction from earlier samples to each residual. Sums have up to 45 bits, which are exact in double precision. */
function predict(out: Int32Array, length: number, coefficients: ArrayLike<number>, scale: number): void {
  const order = coefficients.length;
  for (let i = order; i < length; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += coefficients[k] * out[i - 1 - k];
    out[i] += Math.floor(sum * scale);
  }
}

/** Decodes Rice-coded residuals into `out` from `order` on. @returns false if they are invalid */
function decodeResidual(reader: BitReader, out: Int32Array, length: number, order: number): boolean {
  const method = reader.bits(2);
  if (method > 1) return false;
  const parameterBits = method === 0 ? 4 : 5;
  const partitions = 2 ** reader.bits(4);
  const perPartition = length / partitions;
  if (!Number.isInteger(perPartition) || perPartition < order) return false;
  let at = order;
  for (let partition = 1; partition <= partitions; partition++) {
    const parameter = reader.bits(parameterBits);
    const end = partition * perPartition;
    if (parameter < 2 ** parameterBits - 1) reader.rice(out, at, end, parameter);
    else {
      const bits = reader.bits(5);
      for (let i = at; i < end; i++) out[i] = bits === 0 ? 0 : reader.signed(bits);
    }
    at = end;
  }
  return true;
}

/** Reads numbers of any number of bits, most significant bit first. */
class BitReader {
  /** position in bits, from `start` */
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
  ) {}

  /** Offset of the next whole byte. */
  get byte(): number {
    return this.start + Math.ceil(this.at / 8);
  }

  /** The next 32 − (position mod 8) bits, aligned to the left. */
  private window(): number {
    const { bytes } = this;
    const i = this.start + (this.at >>> 3);
    if (i + 4 <= bytes.length) {
      return ((bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3]) << (this.at & 7);
    }
    if (i >= bytes.length) throw new AudioFormatError('it is truncated: its last FLAC frame is incomplete');
    let value = 0;
    for (let k = 0; k < 4; k++) value = (value << 8) | (i + k < bytes.length ? bytes[i + k] : 0);
    return value << (this.at & 7);
  }

  /** @param count - 1 to 25 */
  bits(count: number): number {
    const value = this.window() >>> (32 - count);
    this.at += count;
    return value;
  }

  /** A number in two's complement. @param count - 1 to 32 */
  signed(count: number): number {
    if (count <= 25) {
      const value = this.window() >> (32 - count);
      this.at += count;
      return value;
    }
    const high = this.signed(count - 16);
    return high * 65_536 + this.bits(16);
  }

  /** Number of zeros before the next one. */
  unary(): number {
    let zeros = 0;
    for (;;) {
      const window = this.window();
      if (window !== 0) {
        const more = Math.clz32(window);
        this.at += more + 1;
        return zeros + more;
      }
      const valid = 32 - (this.at & 7);
      zeros += valid;
      this.at += valid;
    }
  }

  /** Rice codes: quotient in unary, remainder in `parameter` bits; even numbers are positive. */
  rice(out: Int32Array, from: number, end: number, parameter: number): void {
    for (let i = from; i < end; i++) {
      let code = this.unary();
      if (parameter > 25) code = (code << parameter) | (this.bits(parameter - 16) << 16) | this.bits(16);
      else if (parameter > 0) code = (code << parameter) | this.bits(parameter);
      out[i] = (code >>> 1) ^ -(code & 1);
    }
  }
}

function leadingOnes(byte: number): number {
  return Math.clz32(~(byte << 24));
}

const crc8Table = crcTable(8, 0x07);
const crc16Table = crcTable(16, 0x8005);

function crcTable(bits: number, polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8);
    for (let k = 0; k < 8; k++) value = value & (1 << (bits - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** bits - 1);
  });
}

function checksum(table: Uint16Array, bits: number, bytes: Uint8Array, start: number, end: number): number {
  const mask = 2 ** bits - 1;
  let value = 0;
  for (let i = start; i < end; i++) value = table[(value >> (bits - 8)) ^ bytes[i]] ^ ((value << 8) & mask);
  return value;
}
