import {
  ascii,
  type AudioData,
  AudioFormatError,
  checkStreamLength,
  describeOtherFile,
  maxSamples,
  UnsupportedAudioError,
} from './audio-format';
import { type BlockStream, maxDamagedShare } from './block-stream';
import { isPcmContainer, readAudioFormat } from './containers';
import { checkFloats, decodeAudio } from './decode';
import { openFlac } from './flac';
import { findMpeg, id3Size, openMpeg } from './mp3';
import { joined, readOgg } from './ogg';
import { openOggOpus, openWebmOpus } from './opus';
import { openOggVorbis, openWebmVorbis } from './vorbis';
import { readWebm } from './webm';

/** An audio file of any format that can be decoded part by part. */
export interface AudioSource {
  /** container or codec, for example `WAV` or `Opus` */
  format: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel */
  frames: number;
  /**
   * findings so far on damaged or missing parts. They are replaced by silence if their length is known; otherwise the remark states that
   * later times are wrong
   */
  remarks: readonly string[];
  /**
   * Decodes a part. Compressed files are decoded from their start, so read in ascending order; the last minutes stay in memory.
   *
   * @param firstFrame - default 0
   * @param endFrame - exclusive; default and limit: the end
   * @returns one array of shape [frames] per channel, in [-1, 1) except for float formats and clipped peaks; not to be changed
   * @throws `AudioFormatError` if the part is damaged
   */
  read: (firstFrame?: number, endFrame?: number) => Promise<Float32Array[]>;
  /** Frees the decoder of a compressed file that was not read to its end. The source can still be read, which starts again. */
  close: () => Promise<void>;
}

/**
 * Decodes a format that this library cannot decode, such as AAC: in Node through ffmpeg, in a browser through the browser's own decoder.
 *
 * @param bytes - the complete file
 * @param format - its name, for messages
 * @throws an Error with the reason
 */
export type OtherDecoder = (bytes: Uint8Array, format: string) => Promise<AudioData | BlockStream>;

/** Options of {@link openAudio}. */
export interface OpenAudioOptions {
  /** decodes all other formats; default none: they are rejected with the command that converts them */
  decodeOther?: OtherDecoder;
  /** returns an array for decoded samples, not necessarily of zeros; default a new one. Only used for 16-bit integers. */
  allocate?: (length: number) => Float32Array;
}

/**
 * Opens an audio file: WAV, Wave64, AIFF and CAF with uncompressed samples or ADPCM, MP3, FLAC, Ogg (Vorbis, Opus, FLAC), WebM and
 * Matroska (Opus, Vorbis, FLAC), and other formats with the help of `decodeOther`. The format is detected from the content. Decoders are
 * loaded when they are needed.
 *
 * Delay and padding of the encoder are removed if the file states them, as by ffmpeg.
 *
 * @param bytes - the complete file; must not change while the source is in use
 * @throws `AudioFormatError` if it is not audio, not supported, damaged, has no samples, or is compressed and longer than 24 hours of
 *   stereo at 48 kHz
 * @example
 * ```ts
 * const audio = await openAudio(bytes);
 * const [left] = await audio.read(0, 10 * audio.sampleRate);
 * ```
 */
export async function openAudio(
  bytes: Uint8Array,
  { decodeOther, allocate }: OpenAudioOptions = {},
): Promise<AudioSource> {
  try {
    if (isPcmContainer(bytes)) return openPcm(bytes, allocate);
    const stream = await openCompressed(bytes);
    if (stream) return sourceOf(stream, true);
    throw describeOtherFile(bytes);
  } catch (error) {
    if (!(error instanceof UnsupportedAudioError) || !decodeOther) throw error;
    const decoded = await decodeOther(bytes, error.format);
    return 'blocks' in decoded ? sourceOf(decoded) : fromData(decoded, error.format);
  }
}

/**
 * Decodes a complete audio file, or a part of it, in any format that {@link openAudio} reads.
 *
 * @param options - part of the file: `firstFrame` (default 0) to before `endFrame` (default the end); and those of {@link openAudio}
 * @throws `AudioFormatError` as {@link openAudio}, or if the part is damaged or too long for the memory
 * @example
 * ```ts
 * const { samples, sampleRate } = toMono(await decodeAudioFile(bytes));
 * ```
 */
export async function decodeAudioFile(
  bytes: Uint8Array,
  { firstFrame, endFrame, ...options }: OpenAudioOptions & { firstFrame?: number; endFrame?: number } = {},
): Promise<AudioData> {
  const source = await openAudio(bytes, options);
  try {
    return { channels: await source.read(firstFrame, endFrame), sampleRate: source.sampleRate };
  } finally {
    await source.close();
  }
}

function openPcm(bytes: Uint8Array, allocate: OpenAudioOptions['allocate']): AudioSource {
  const { container, sampleRate, channels, frames } = readAudioFormat(bytes);
  // eslint-disable-next-line @typescript-eslint/require-await -- errors must reject the promise
  const read = async (firstFrame?: number, endFrame?: number) =>
    decodeAudio(bytes, { firstFrame, endFrame, allocate }).channels;
  return { format: container, sampleRate, channels, frames, remarks: [], read, close: nothingToClose };
}

const nothingToClose = (): Promise<void> => Promise.resolve();

/** @returns undefined if it is another format */
async function openCompressed(bytes: Uint8Array): Promise<BlockStream | undefined> {
  const start = id3Size(bytes);
  const id = ascii(bytes, start, 4);
  if (id === 'fLaC') return openFlac(bytes.subarray(start));
  if (id === 'OggS') return openOgg(bytes.subarray(start));
  if (id === '\x1aE\xdf\xa3') return openWebm(bytes);
  if (start === 0 && !mayBeMpeg(bytes)) return undefined;
  const first = findMpeg(bytes, start);
  if (first >= 0) return openMpeg(bytes, first);
  if (start > 0)
    throw new AudioFormatError('it has ID3 tags like an MP3 file but no audio: it is truncated or damaged');
  return undefined;
}

/** MPEG audio without tags starts with a frame; zeros before it are common. */
function mayBeMpeg(bytes: Uint8Array): boolean {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes[start] === 0xff && (bytes[start + 1] & 0xe0) === 0xe0;
}

async function openOgg(bytes: Uint8Array): Promise<BlockStream> {
  const ogg = readOgg(bytes);
  const [first] = ogg.packets;
  const start = ascii(first, 0, 8);
  if (start === 'OpusHead') return openOggOpus(ogg);
  if (start.startsWith('\x01vorbis')) return openOggVorbis(ogg);
  // FLAC in Ogg is divided into packets, after a short header of its own.
  if (start.startsWith('\x7fFLAC')) return openFlac(joined([first.subarray(9), ...ogg.packets.slice(1)]));
  throw new UnsupportedAudioError('Speex in Ogg');
}

async function openWebm(bytes: Uint8Array): Promise<BlockStream> {
  const track = readWebm(bytes);
  if (track.codec === 'A_OPUS') return openWebmOpus(track);
  if (track.codec === 'A_VORBIS') return openWebmVorbis(track);
  if (track.codec === 'A_FLAC') return openFlac(joined([track.codecPrivate, ...track.packets]));
  throw new UnsupportedAudioError(
    `WebM or Matroska with ${/^A_[A-Z0-9/_]+$/.test(track.codec) ? track.codec.slice(2) : 'an unknown codec'}`,
  );
}

function fromData({ channels, sampleRate }: AudioData, format: string): AudioSource {
  const [{ length: frames }] = channels;
  if (frames === 0) throw new AudioFormatError('it has no samples');
  for (const samples of channels) checkFloats(samples, 0);
  const read = (firstFrame?: number, endFrame?: number) =>
    Promise.resolve(channels.map((samples) => samples.subarray(firstFrame, endFrame)));
  return {
    format,
    sampleRate,
    channels: channels.length,
    frames,
    remarks: [],
    read,
    close: nothingToClose,
  };
}

/** Decoded samples of all channels that a source keeps in memory: three minutes of stereo at 48 kHz (64 MB). */
const maxKept = 2 ** 24;
/** Blocks between two turns of the event loop. */
const blocksPerTurn = 32;
/** Shorter gaps at the end are not worth a remark, seconds. */
const minGapSec = 0.05;

/** Frames of silence at the end that are made at once. */
const silentFrames = 65_536;

/**
 * Reads parts of a stream that can only be decoded from its start.
 *
 * @param isCompressed - whether it is in a compressed format, for messages
 */
function sourceOf(stream: BlockStream, isCompressed = false): AudioSource {
  const { codec, sampleRate, channels, frames } = stream;
  if (!(frames > 0)) throw new AudioFormatError('it has no samples');
  checkStreamLength(frames, channels);
  const remarks: string[] = [];
  let decoding: Iterator<Float32Array[]> | AsyncIterator<Float32Array[]> | undefined;
  let kept: { first: number; end: number; samples: Float32Array[] }[] = [];
  /** frames decoded so far */
  let position = 0;
  /** the stream has no further blocks */
  let isAtEnd = false;

  const stop = async (): Promise<void> => {
    const stopped = decoding;
    decoding = undefined;
    kept = [];
    await stopped?.return?.();
  };
  const restart = async (): Promise<void> => {
    await stop();
    const blocks = stream.blocks((remark) => {
      if (!remarks.includes(remark)) remarks.push(remark);
    });
    decoding = Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
    [position, isAtEnd] = [0, false];
  };
  const checkGap = (missing: number): void => {
    if (missing > maxDamagedShare * frames)
      throw new AudioFormatError(`it is damaged: only ${position} of ${frames} samples could be decoded`);
    if (missing > minGapSec * sampleRate)
      remarks.push(`its last ${(missing / sampleRate).toFixed(2)} s could not be decoded and are silent`);
  };
  /** Decodes one block; after the last one, silence if the stream is shorter than stated. */
  const advance = async (): Promise<void> => {
    const missing = frames - position;
    const next = isAtEnd ? undefined : await decoding!.next();
    let samples: Float32Array[];
    if (next && !next.done) {
      samples = next.value;
      for (const one of samples) checkFloats(one, position, isCompressed);
    } else {
      if (!isAtEnd) checkGap(missing);
      isAtEnd = true;
      samples = Array.from({ length: channels }, () => new Float32Array(Math.min(missing, silentFrames)));
    }
    const end = Math.min(frames, position + samples[0].length);
    kept.push({ first: position, end, samples });
    position = end;
    if (position < frames || isAtEnd) return;
    // After its last block, a stream reports damage and frees its decoder.
    isAtEnd = true;
    if (!(await decoding!.next()).done) await decoding!.return?.();
  };
  const readPart = async (firstFrame: number, endFrame: number): Promise<Float32Array[]> => {
    const first = Math.min(firstFrame, frames);
    const end = Math.max(first, Math.min(endFrame, frames));
    if ((end - first) * channels > maxSamples)
      throw new AudioFormatError(
        `it is too long to decode at once (${end - first} frames of ${channels} channels): split it first`,
      );
    if (!decoding || first < (kept.at(0)?.first ?? position)) await restart();
    try {
      for (let count = 1; position < end; count++) {
        await advance();
        forget(first);
        if (count % blocksPerTurn === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      await stop(); // the next call starts again, and fails with the same error
      throw error;
    }
    const out = Array.from({ length: channels }, () => new Float32Array(end - first));
    for (const block of kept) {
      const from = Math.max(first, block.first);
      const to = Math.min(end, block.end);
      if (from >= to) continue;
      for (const [channel, samples] of block.samples.entries())
        out[channel].set(samples.subarray(from - block.first, to - block.first), from - first);
    }
    return out;
  };
  /** Drops the oldest blocks that are not needed from `first` on, as far as there are too many. */
  const forget = (first: number): void => {
    while (kept.length > 1 && kept[0].end <= first && (position - kept[0].first) * channels > maxKept)
      kept.shift();
  };

  // Only one part is decoded at a time.
  let queue: Promise<unknown> = Promise.resolve();
  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    const result = queue.then(task);
    queue = result.catch(() => undefined);
    return result;
  };
  return {
    format: codec,
    sampleRate,
    channels,
    frames,
    remarks,
    read: (firstFrame = 0, endFrame = Infinity) => enqueue(() => readPart(firstFrame, endFrame)),
    close: () => enqueue(stop),
  };
}
