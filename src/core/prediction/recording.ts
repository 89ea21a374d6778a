import { checkSampleRate, decodeAudio, readAudioFormat, toMono, type Waveform } from '../audio';
import { InvalidArgumentError, InvalidFileError, messageOf } from '../base';

/** A recording: the bytes of an audio file, or samples. */
export type RecordingInput = Uint8Array | Waveform;

/** A recording that is decoded part by part, so that only the current part is in memory as samples. */
export interface Recording {
  /** for messages */
  name: string;
  frames: number;
  /** Hz */
  sampleRate: number;
  /** @returns mono samples; shape [endFrame − firstFrame] */
  read: (firstFrame: number, endFrame: number) => Float32Array;
}

const minSec = 0.1;
const maxSec = 2 * 3600;
/** Maximum size of a file. */
const maxRecordingBytes = 1e9;

/**
 * Opens a recording of 0.1 s to 2 hours, a file of up to 1 GB.
 *
 * @param name - for messages
 * @throws {@link InvalidArgumentError} if the input has another type, or its sample rate is not a positive integer
 * @throws {@link InvalidFileError} with the reason if it is not audio, damaged, empty, too short or too long
 */
export function openRecording(input: RecordingInput, name = 'the recording'): Recording {
  const recording = input instanceof Uint8Array ? openBytes(input, name) : openWaveform(input, name);
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
  try {
    const { frames, sampleRate } = readAudioFormat(bytes);
    const read = (firstFrame: number, endFrame: number): Float32Array =>
      toMono(decodeAudio(bytes, { firstFrame, endFrame })).samples;
    return { name, frames, sampleRate, read };
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
