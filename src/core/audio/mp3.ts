import { ascii, AudioFormatError, UnsupportedAudioError } from './audio-format';
import { type BlockStream, DamageCount, release } from './block-stream';

/** Frames per block, about a second. */
const framesPerBlock = 40;

/**
 * Opens MP3 or MPEG audio of layers 1 and 2. Delay and padding are removed if the encoder states them.
 *
 * @param start - offset of the first frame
 * @throws `AudioFormatError` if it contains no audio
 */
export function openMpeg(bytes: Uint8Array, start: number): BlockStream {
  checkMpegBitRate(bytes, start);
  const { layer, sampleRate, channels, samplesPerFrame, starts, sizes, delay, padding, remarks } = readMpeg(
    bytes,
    start,
  );
  const end = starts.length * samplesPerFrame - padding;
  return {
    codec: layer === 3 ? 'MP3' : `MPEG audio layer ${layer}`,
    sampleRate,
    channels,
    frames: Math.max(0, end - delay),
    blocks: async function* (onRemark) {
      remarks.forEach(onRemark);
      const { MPEGDecoder } = await import('mpg123-decoder');
      const decoder = new MPEGDecoder({ enableGapless: false });
      await decoder.ready;
      const damage = new DamageCount(starts.length, onRemark);
      try {
        let at = 0;
        for (let next = 0; next < starts.length && at < end; next += framesPerBlock) {
          const count = Math.min(framesPerBlock, starts.length - next);
          const length = count * samplesPerFrame;
          const out = Array.from({ length: channels }, () => new Float32Array(length));
          for (let i = 0; i < count; i++) {
            const frame = bytes.subarray(starts[next + i], starts[next + i] + sizes[next + i]);
            // The decoder always returns two channels.
            const { channelData, errors } = damage.quietly(() => decoder.decodeFrame(frame));
            const usable = errors.length === 0 && channelData[0].length === samplesPerFrame;
            if (!usable) damage.add();
            else
              for (const [channel, samples] of out.entries())
                samples.set(channelData[channel], i * samplesPerFrame);
          }
          yield out.map((samples) => samples.subarray(Math.max(0, delay - at), end - at));
          at += length;
        }
        damage.report();
      } finally {
        release(decoder);
      }
    },
  };
}

/** The frames of an MPEG audio file (MP3, or the older layers 1 and 2). */
export interface MpegFrames {
  layer: number;
  /** Hz */
  sampleRate: number;
  channels: number;
  samplesPerFrame: number;
  /** offset and size of each frame that contains audio, bytes */
  starts: Uint32Array;
  sizes: Uint16Array;
  /** samples to remove from the start and from the end: delay and padding, as stated by the encoder */
  delay: number;
  padding: number;
  remarks: string[];
}

interface FrameHeader {
  version: 1 | 2 | 2.5;
  layer: number;
  sampleRate: number;
  channels: number;
  samplesPerFrame: number;
  size: number;
  hasChecksum: boolean;
}

/** Bit rates by code, kbit/s: MPEG-1 layers 1 to 3, then MPEG-2 layer 1, and layers 2 and 3. */
const bitRates = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/** @returns undefined if no valid header starts there */
function readHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined;
  const versionCode = (bytes[at + 1] >> 3) & 3;
  const layer = 4 - ((bytes[at + 1] >> 1) & 3);
  const rateCode = bytes[at + 2] >> 4;
  const frequencyCode = (bytes[at + 2] >> 2) & 3;
  if (
    versionCode === 1 ||
    layer === 4 ||
    rateCode === 15 ||
    frequencyCode === 3 ||
    (bytes[at + 3] & 3) === 2
  ) {
    return undefined;
  }
  const version = versionCode === 3 ? 1 : versionCode === 2 ? 2 : 2.5;
  const sampleRate = [44_100, 48_000, 32_000][frequencyCode] / (version === 2.5 ? 4 : version);
  const kilobits = bitRates[version === 1 ? layer - 1 : layer === 1 ? 3 : 4][rateCode];
  const samplesPerFrame = layer === 1 ? 384 : layer === 3 && version !== 1 ? 576 : 1152;
  const padding = (bytes[at + 2] >> 1) & 1;
  const size =
    layer === 1
      ? 4 * (Math.floor((12_000 * kilobits) / sampleRate) + padding)
      : Math.floor((samplesPerFrame * 125 * kilobits) / sampleRate) + padding;
  const channels = bytes[at + 3] >> 6 === 3 ? 1 : 2;
  return {
    version,
    layer,
    sampleRate,
    channels,
    samplesPerFrame,
    size,
    hasChecksum: (bytes[at + 1] & 1) === 0,
  };
}

const isSameStream = (a: FrameHeader, b: FrameHeader): boolean =>
  a.version === b.version && a.layer === b.layer && a.sampleRate === b.sampleRate;

/** Number of consecutive frames that prove that bytes are MPEG audio. */
const provingFrames = 4;

/** Whether MPEG frames follow each other from here on, to the end of the file or at least four. */
function isFrameSequence(bytes: Uint8Array, start: number): boolean {
  const first = readHeader(bytes, start);
  if (!first || first.size === 0) return false;
  let at = start;
  for (let count = 0; count < provingFrames; count++) {
    const header = readHeader(bytes, at);
    if (!header || header.size === 0 || !isSameStream(header, first))
      return count > 1 && isTrailer(bytes, at);
    at += header.size;
    if (at >= bytes.length) return count > 0;
  }
  return true;
}

/** Whether the rest of the file is a tag, or too short for a frame. */
function isTrailer(bytes: Uint8Array, at: number): boolean {
  return bytes.length - at < 4 || /^(?:TAG|APETAGEX|LYRICSBEGIN|ID3)/.test(ascii(bytes, at, 11));
}

/** Bytes before the first frame that are searched, for example after a damaged tag. */
const searchedBytes = 65_536;

/** Offset of the first MPEG frame; −1 if the bytes are not MPEG audio. */
export function findMpeg(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length, from + searchedBytes);
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at < end; at = bytes.indexOf(0xff, at + 1)) {
    if (isFrameSequence(bytes, at)) return at;
  }
  return -1;
}

/** Size of the ID3v2 tags at an offset, bytes; 0 if there are none. */
export function id3Size(bytes: Uint8Array, at = 0): number {
  let end = at;
  while (ascii(bytes, end, 3) === 'ID3' && end + 10 <= bytes.length) {
    const [a, b, c, d] = bytes.subarray(end + 6, end + 10);
    if ((a | b | c | d) & 128) break;
    end += 10 + (a << 21) + (b << 14) + (c << 7) + d + (bytes[end + 5] & 16 ? 10 : 0);
  }
  return Math.min(end, bytes.length) - at;
}

/**
 * Finds the frames of an MPEG audio file without decoding them.
 *
 * @param start - offset of the first frame, from {@link findMpeg}
 * @throws `AudioFormatError` if it contains no audio
 */
function readMpeg(bytes: Uint8Array, start: number): MpegFrames {
  const first = readHeader(bytes, start)!;
  const starts: number[] = [];
  const sizes: number[] = [];
  let damaged = 0;
  let truncated = false;
  const info = readEncoderInfo(bytes, start, first);
  let at = info ? start + first.size : start;
  while (at + 4 <= bytes.length) {
    const header = readHeader(bytes, at);
    if (header && header.size > 0 && isSameStream(header, first)) {
      if (at + header.size > bytes.length) {
        truncated = true;
        break;
      }
      starts.push(at);
      sizes.push(header.size);
      at += header.size;
      continue;
    }
    const tag = id3Size(bytes, at);
    const next = tag > 0 ? at + tag : nextFrames(bytes, at + 1, first);
    if (next < 0) {
      if (!isTrailer(bytes, at) && bytes.subarray(at).some((byte) => byte !== 0)) damaged++;
      break;
    }
    if (tag === 0) damaged++;
    at = next;
  }
  if (starts.length === 0)
    throw new AudioFormatError('it is an MP3 file without audio: it is truncated or damaged');
  const remarks: string[] = [];
  if (damaged > 0) {
    const parts = damaged === 1 ? '1 part of it is' : `${damaged} parts of it are`;
    remarks.push(`${parts} damaged; times after that may be too early`);
  }
  const missing = (info?.frames ?? 0) - starts.length;
  if (missing > 1 || (truncated && missing > 0)) remarks.push('its end is missing: the file is truncated');
  return {
    ...first,
    starts: Uint32Array.from(starts),
    sizes: Uint16Array.from(sizes),
    delay: info?.delay ?? 0,
    // The padding was in the part that is missing.
    padding: missing > 0 ? 0 : (info?.padding ?? 0),
    remarks,
  };
}

/** Offset of the next frame of the same stream that is followed by others; −1 if there is none. */
function nextFrames(bytes: Uint8Array, from: number, first: FrameHeader): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const header = readHeader(bytes, at);
    if (header && isSameStream(header, first) && isFrameSequence(bytes, at)) return at;
  }
  return -1;
}

/** Samples by which the decoder delays the sound. */
const decoderDelay = 529;

/** The first frame has no audio but information, if the encoder is LAME, FFmpeg or Fraunhofer's. */
function readEncoderInfo(
  bytes: Uint8Array,
  start: number,
  { version, channels, hasChecksum, layer, size }: FrameHeader,
): { frames?: number; delay: number; padding: number } | undefined {
  if (layer !== 3) return undefined;
  const frame = bytes.subarray(start, start + size);
  if (ascii(frame, 36, 4) === 'VBRI') return { delay: 0, padding: 0 };
  const sideInfo = version === 1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  const at = 4 + sideInfo + (hasChecksum ? 2 : 0);
  const tag = [at, 4 + sideInfo].find((offset) => /^(?:Xing|Info)$/.test(ascii(frame, offset, 4)));
  if (tag === undefined) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = tag + 8 <= frame.length ? view.getUint32(tag + 4) : 0;
  const hasFrames = (flags & 1) !== 0 && tag + 12 <= frame.length;
  const encoder =
    tag + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  const frames = hasFrames ? view.getUint32(tag + 8) : undefined;
  if (encoder + 24 > frame.length || bytes[start + encoder] === 0) return { frames, delay: 0, padding: 0 };
  const packed = (frame[encoder + 21] << 16) | (frame[encoder + 22] << 8) | frame[encoder + 23];
  return {
    frames,
    delay: (packed >> 12) + decoderDelay,
    padding: Math.max(0, (packed & 4095) - decoderDelay),
  };
}

/** @throws UnsupportedAudioError if the frames do not state their size */
function checkMpegBitRate(bytes: Uint8Array, start: number): void {
  if (readHeader(bytes, start)?.size === 0) throw new UnsupportedAudioError('MP3 with a free bit rate');
}
