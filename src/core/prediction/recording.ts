import {
  type AudioData,
  type AudioFormat,
  type ChannelChoice,
  channelIndex,
  channelName,
  checkSampleRate,
  compareChannels,
  openAudio,
  type OtherDecoder,
  pickChannel,
  rangeOfFrames,
  readAudioFormat,
  type Waveform,
} from '../audio';
import { InvalidArgumentError, InvalidFileError, messageOf } from '../base';

/** A file that is read part by part, so that a large one is never in memory as a whole. */
export interface ByteSource {
  /** bytes */
  size: number;
  /** @returns the bytes from `start` to before `end`, both within the file */
  read: (start: number, end: number) => Promise<Uint8Array>;
}

/** A recording: the bytes of an audio file, a file that is read part by part, or samples of one or several channels. */
export type RecordingInput = Uint8Array | ByteSource | Waveform | AudioData;

/** A recording that is decoded part by part, so that only the current part is in memory as samples. */
export interface Recording {
  /** for messages */
  name: string;
  frames: number;
  /** Hz */
  sampleRate: number;
  /** the channel that is read, such as `left`; undefined for the mix of all */
  channel?: string;
  /** @returns mono samples; shape [endFrame − firstFrame] */
  read: (firstFrame: number, endFrame: number) => Promise<Float32Array>;
  /** @returns remarks on what was read so far: damaged parts, and channels that differ but were mixed */
  notes: () => string[];
}

/** A recording with all channels. */
interface Opened {
  frames: number;
  /** Hz */
  sampleRate: number;
  channels: number;
  remarks: readonly string[];
  read: (firstFrame: number, endFrame: number) => Promise<readonly Float32Array[]>;
}

const minSec = 0.1;
const maxSec = 2 * 3600;
/** Maximum size of a file. */
const maxRecordingBytes = 1e9;
/** Start of a large file that is read to find its headers. */
const headBytes = 2 ** 20;

/**
 * Opens a recording of 0.1 s to 2 hours, a file of up to 1 GB.
 *
 * @param name - for messages
 * @param decodeOther - decodes formats that this library cannot decode; default none
 * @returns the number of channels, and a function that selects what is used of them
 * @throws {@link InvalidArgumentError} if the input has another type, or its sample rate is not a positive integer
 * @throws {@link InvalidFileError} with the reason if it is not audio, damaged, empty, too short or too long
 */
export async function openRecording(
  input: RecordingInput,
  name = 'the recording',
  decodeOther?: OtherDecoder,
): Promise<{ channels: number; select: (channel: ChannelChoice) => Recording }> {
  const opened = await (input instanceof Uint8Array
    ? openBytes(input, name, decodeOther)
    : isByteSource(input)
      ? openSource(input, name, decodeOther)
      : openSamples(input, name));
  const { frames, sampleRate } = opened;
  const durationSec = frames / sampleRate;
  const reject = (reason: string): never => {
    throw new InvalidFileError(name, reason);
  };
  if (durationSec < minSec) reject(`it must last at least ${minSec} s, got ${durationSec.toFixed(3)} s`);
  if (durationSec > maxSec)
    reject(
      `it must last at most ${maxSec / 3600} hours, got ${(durationSec / 3600).toFixed(1)}: split it first`,
    );
  return { channels: opened.channels, select: (channel) => selectChannel(opened, name, channel) };
}

/** @throws {@link InvalidFileError} if the recording does not have the channel */
function selectChannel(
  { frames, sampleRate, channels, remarks, read: readAll }: Opened,
  name: string,
  choice: ChannelChoice,
): Recording {
  let index: number | undefined;
  try {
    index = channelIndex(choice, channels);
  } catch (error) {
    throw withName(error, name);
  }
  const comparison = compareChannels();
  return {
    name,
    frames,
    sampleRate,
    channel: index === undefined || channels === 1 ? undefined : channelName(index, channels),
    read: (firstFrame, endFrame) =>
      named(name, async () => {
        const parts = await readAll(firstFrame, endFrame);
        if (index === undefined) comparison.add(parts);
        return pickChannel(parts, choice);
      }),
    notes: () => [...remarks, comparison.remark() ?? []].flat(),
  };
}

/** @throws {@link InvalidFileError} if a file is larger than 1 GB */
export function checkRecordingSize(name: string, bytes: number): void {
  if (bytes <= maxRecordingBytes) return;
  const limit = maxRecordingBytes / 1e9;
  throw new InvalidFileError(
    name,
    `it must have at most ${limit} GB, got ${(bytes / 1e9).toFixed(1)} GB: split it first`,
  );
}

function openBytes(bytes: Uint8Array, name: string, decodeOther?: OtherDecoder): Promise<Opened> {
  checkRecordingSize(name, bytes.length);
  return named(name, () => openAudio(bytes, { decodeOther }));
}

function isByteSource(input: unknown): input is ByteSource {
  return typeof (input as ByteSource | undefined)?.read === 'function';
}

/** Reads a large PCM file part by part. Other files are read at once. */
async function openSource(source: ByteSource, name: string, decodeOther?: OtherDecoder): Promise<Opened> {
  checkRecordingSize(name, source.size);
  const head = await source.read(0, Math.min(source.size, headBytes));
  const format = formatFromHead(head, source.size);
  if (!format || head.length === source.size) {
    const bytes = head.length === source.size ? head : await source.read(0, source.size);
    return openBytes(bytes, name, decodeOther);
  }
  const read = async (firstFrame: number, endFrame: number): Promise<Float32Array[]> => {
    const { start, end, decode } = rangeOfFrames(format, firstFrame, endFrame);
    return decode(await source.read(start, Math.min(end, source.size))).channels;
  };
  return { ...format, remarks: [], read };
}

/** The format, if the start of the file is enough to know it and to find any frame. */
function formatFromHead(head: Uint8Array, fileSize: number): AudioFormat | undefined {
  try {
    const format = readAudioFormat(head, fileSize);
    return format.encoding.endsWith('ADPCM') ? undefined : format;
  } catch {
    return undefined; // the complete file is read, which gives the right message
  }
}

/** Adds the name of the recording to the errors of a decoder. */
async function named<Result>(name: string, decode: () => Promise<Result>): Promise<Result> {
  try {
    return await decode();
  } catch (error) {
    throw withName(error, name);
  }
}

const withName = (error: unknown, name: string): Error =>
  error instanceof InvalidArgumentError || error instanceof InvalidFileError
    ? error
    : new InvalidFileError(name, messageOf(error));

function openSamples(input: unknown, name: string): Opened {
  const { samples, channels = [samples], sampleRate } = (input ?? {}) as Partial<Waveform & AudioData>;
  const isUsable =
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((one) => one instanceof Float32Array && one.length === channels[0]?.length);
  if (!isUsable) {
    const rule =
      "a file's path or bytes, { samples: Float32Array, sampleRate }, or { channels: Float32Array[] of equal length, sampleRate }";
    throw new InvalidArgumentError('input', rule, input);
  }
  if (!Number.isSafeInteger(sampleRate) || sampleRate! <= 0)
    throw new InvalidArgumentError('sampleRate', 'a positive integer (Hz)', sampleRate);
  try {
    checkSampleRate(sampleRate!);
  } catch (error) {
    throw new InvalidFileError(name, messageOf(error));
  }
  const all = channels as Float32Array[];
  const read = (firstFrame: number, endFrame: number) =>
    Promise.resolve(all.map((one) => one.subarray(firstFrame, endFrame)));
  return { frames: all[0].length, sampleRate: sampleRate!, channels: all.length, remarks: [], read };
}
