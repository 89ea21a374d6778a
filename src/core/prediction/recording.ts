import {
  type AudioData,
  type AudioFormat,
  type ChannelChoice,
  channelIndex,
  channelName,
  checkSampleRate,
  compareChannels,
  joinSamples,
  openAudio,
  type OtherDecoder,
  pickChannel,
  rangeOfFrames,
  readAudioFormat,
  type Waveform,
} from '../audio';
import { InvalidArgumentError, InvalidFileError, messageOf } from '../base';
import type { WindowPlace } from '../features';

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
 * @returns the number of channels, and a function that selects one of them or the mix
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

/** A window with its samples. */
export interface ReadWindow {
  place: WindowPlace;
  /** mono; shape [endFrame − firstFrame] */
  samples: Float32Array;
}

/** Number of windows per batch. */
const batchSize = 64;
/** Maximum number of samples in the windows of a batch, unless it is one window: 64 MB. */
const maxBatchSamples = 2 ** 24;
/** Length of the parts in which a recording is read; at least one window. */
const partSec = 10;

/**
 * Reads a recording once, from start to end, and yields its windows in batches. At most one batch and one part of the recording are in
 * memory.
 *
 * @param places - in order of time, each at most as long as the first
 * @param onPart - called with each part of the recording in order, without overlap or gap
 */
export async function* readWindows(
  { frames, sampleRate, read }: Recording,
  places: readonly WindowPlace[],
  onPart: (samples: Float32Array, firstFrame: number) => void,
): AsyncGenerator<ReadWindow[]> {
  const [{ firstFrame, endFrame }] = places;
  const partFrames = Math.max(endFrame - firstFrame, Math.round(partSec * sampleRate));
  let batch: ReadWindow[] = [];
  let batchSamples = 0;
  // The samples from `keptFrom` on, which later windows need.
  let kept = new Float32Array(0);
  let keptFrom = 0;
  let next = 0;
  for (let at = 0; at < frames; at += partFrames) {
    const end = Math.min(frames, at + partFrames);
    const part = await read(at, end);
    onPart(part, at);
    const samples = kept.length === 0 ? part : joinSamples([kept, part]);
    if (kept.length === 0) keptFrom = at;
    for (; next < places.length && places[next].endFrame <= end; next++) {
      const place = places[next];
      const window = samples.slice(place.firstFrame - keptFrom, place.endFrame - keptFrom);
      if (
        batch.length === batchSize ||
        (batch.length > 0 && batchSamples + window.length > maxBatchSamples)
      ) {
        yield batch;
        [batch, batchSamples] = [[], 0];
      }
      batch.push({ place, samples: window });
      batchSamples += window.length;
    }
    const from = Math.min(end, Math.max(keptFrom, places[next]?.firstFrame ?? end));
    kept = samples.slice(from - keptFrom);
    keptFrom = from;
  }
  if (batch.length > 0) yield batch;
}
