import { readFile, stat } from 'node:fs/promises';
import { decodeAudio, readAudioFormat, type Waveform } from '../audio';
import { toMono } from '../../node/corpora';
import { InvalidArgumentError, InvalidFileError, messageOf } from '../base';

/** What can be listened to: a file's path, its bytes, or samples. */
export type RecordingInput = string | Uint8Array | Waveform;

/** A recording of which one part after another is decoded: no more of it than that is in memory as samples. */
export interface Recording {
  /** for messages: the path as it was given, or `the recording` */
  name: string;
  frames: number;
  /** Hz */
  sampleRate: number;
  /** @returns mono samples; shape [endFrame − firstFrame] */
  read: (firstFrame: number, endFrame: number) => Float32Array;
}

/** Longer recordings and larger files are refused: they are to be cut first. */
const longestSec = 2 * 3600;
const largestBytes = 1e9;
const shortestSec = 0.1;
const [lowestRate, highestRate] = [1000, 768_000];

/**
 * Opens a recording of 0.1 s to 2 hours, a file of up to 1 GB.
 *
 * @throws {@link InvalidArgumentError} if the input is of another type, or its sample rate is not a positive integer
 * @throws {@link InvalidFileError} with the reason if there is no such file, it is no audio, broken, empty, too short or too long
 */
export async function openRecording(input: unknown): Promise<Recording> {
  const name = typeof input === 'string' ? input : 'the recording';
  const recording = await open(input, name);
  const { frames, sampleRate } = recording;
  const durationSec = frames / sampleRate;
  const refuse = (reason: string): never => {
    throw new InvalidFileError(name, reason);
  };
  if (sampleRate < lowestRate || sampleRate > highestRate)
    refuse(`its sample rate is ${sampleRate} Hz, and must be ${lowestRate} to ${highestRate} Hz`);
  if (durationSec < shortestSec)
    refuse(`it lasts ${durationSec.toFixed(3)} s, and must last at least ${shortestSec} s`);
  if (durationSec > longestSec)
    refuse(
      `it lasts ${(durationSec / 3600).toFixed(1)} hours, and may last ${longestSec / 3600}: cut it first`,
    );
  return recording;
}

async function open(input: unknown, name: string): Promise<Recording> {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    try {
      return ofBytes(typeof input === 'string' ? await readBytes(input) : checkSize(input), name);
    } catch (error) {
      throw new InvalidFileError(name, messageOf(error));
    }
  }
  const { samples, sampleRate } = (input ?? {}) as Partial<Waveform>;
  if (!(samples instanceof Float32Array)) {
    const rule = "a file's path, its bytes, or { samples: Float32Array, sampleRate }";
    throw new InvalidArgumentError('input', rule, input);
  }
  if (!Number.isSafeInteger(sampleRate) || sampleRate! <= 0)
    throw new InvalidArgumentError('sampleRate', 'a positive integer (Hz)', sampleRate);
  return ofWaveform({ samples, sampleRate: sampleRate! }, name);
}

async function readBytes(path: string): Promise<Uint8Array> {
  const file = await stat(path).catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error('there is no such file') : error;
  });
  if (!file.isFile()) throw new Error('it is not a file');
  if (file.size > largestBytes) checkSize({ length: file.size });
  return readFile(path);
}

function checkSize<Bytes extends { length: number }>(bytes: Bytes): Bytes {
  if (bytes.length <= largestBytes) return bytes;
  throw new Error(
    `it has ${(bytes.length / 1e9).toFixed(1)} GB, and may have ${largestBytes / 1e9}: cut it first`,
  );
}

function ofBytes(bytes: Uint8Array, name: string): Recording {
  const { frames, sampleRate, encoding } = readAudioFormat(bytes);
  // Every look at such a file decodes all of it.
  if (encoding === 'compressed') return ofWaveform(toMono(decodeAudio(bytes)), name);
  const read = (firstFrame: number, endFrame: number): Float32Array =>
    toMono(decodeAudio(bytes, { firstFrame, endFrame })).samples;
  return { name, frames, sampleRate, read };
}

function ofWaveform({ samples, sampleRate }: Waveform, name: string): Recording {
  const read = (firstFrame: number, endFrame: number): Float32Array => samples.subarray(firstFrame, endFrame);
  return { name, frames: samples.length, sampleRate, read };
}
