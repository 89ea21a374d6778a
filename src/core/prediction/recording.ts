import {
  type AudioFormat,
  checkSampleRate,
  decodeAudio,
  rangeOfFrames,
  readAudioFormat,
  toMono,
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

/** A recording: the bytes of an audio file, a file that is read part by part, or samples. */
export type RecordingInput = Uint8Array | ByteSource | Waveform;

/** A recording that is decoded part by part, so that only the current part is in memory as samples. */
export interface Recording {
  /** for messages */
  name: string;
  frames: number;
  /** Hz */
  sampleRate: number;
  /** @returns mono samples; shape [endFrame − firstFrame] */
  read: (firstFrame: number, endFrame: number) => Float32Array | Promise<Float32Array>;
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
 * @throws {@link InvalidArgumentError} if the input has another type, or its sample rate is not a positive integer
 * @throws {@link InvalidFileError} with the reason if it is not audio, damaged, empty, too short or too long
 */
export async function openRecording(input: RecordingInput, name = 'the recording'): Promise<Recording> {
  const recording = await (input instanceof Uint8Array
    ? openBytes(input, name)
    : isByteSource(input)
      ? openSource(input, name)
      : openWaveform(input, name));
  const { frames, sampleRate } = recording;
  const durationSec = frames / sampleRate;
  const reject = (reason: string): never => {
    throw new InvalidFileError(name, reason);
  };
  if (durationSec < minSec) reject(`it must last at least ${minSec} s, got ${durationSec.toFixed(3)} s`);
  if (durationSec > maxSec)
    reject(
      `it must last at most ${maxSec / 3600} hours, got ${(durationSec / 3600).toFixed(1)}: split it first`,
    );
  return recording;
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

function openBytes(bytes: Uint8Array, name: string): Recording {
  checkRecordingSize(name, bytes.length);
  const { frames, sampleRate } = named(name, () => readAudioFormat(bytes));
  const read = (firstFrame: number, endFrame: number): Float32Array =>
    named(name, () => toMono(decodeAudio(bytes, { firstFrame, endFrame })).samples);
  return { name, frames, sampleRate, read };
}

function isByteSource(input: unknown): input is ByteSource {
  return typeof (input as ByteSource | undefined)?.read === 'function';
}

/** Reads a large PCM file part by part. Other files are read at once. */
async function openSource(source: ByteSource, name: string): Promise<Recording> {
  checkRecordingSize(name, source.size);
  const head = await source.read(0, Math.min(source.size, headBytes));
  const format = formatFromHead(head, source.size);
  if (!format || head.length === source.size) {
    return openBytes(head.length === source.size ? head : await source.read(0, source.size), name);
  }
  const read = async (firstFrame: number, endFrame: number): Promise<Float32Array> => {
    const { start, end, decode } = rangeOfFrames(format, firstFrame, endFrame);
    const bytes = await source.read(start, Math.min(end, source.size));
    return named(name, () => toMono(decode(bytes)).samples);
  };
  return { name, frames: format.frames, sampleRate: format.sampleRate, read };
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
function named<Result>(name: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw new InvalidFileError(name, messageOf(error));
  }
}

function openWaveform(input: unknown, name: string): Recording {
  const { samples, sampleRate } = (input ?? {}) as Partial<Waveform>;
  if (!(samples instanceof Float32Array)) {
    const rule = "a file's path or bytes, or { samples: Float32Array, sampleRate }";
    throw new InvalidArgumentError('input', rule, input);
  }
  if (!Number.isSafeInteger(sampleRate) || sampleRate! <= 0)
    throw new InvalidArgumentError('sampleRate', 'a positive integer (Hz)', sampleRate);
  try {
    checkSampleRate(sampleRate!);
  } catch (error) {
    throw new InvalidFileError(name, messageOf(error));
  }
  return fromWaveform({ samples, sampleRate: sampleRate! }, name);
}

function fromWaveform({ samples, sampleRate }: Waveform, name: string): Recording {
  const read = (firstFrame: number, endFrame: number): Float32Array => samples.subarray(firstFrame, endFrame);
  return { name, frames: samples.length, sampleRate, read };
}
