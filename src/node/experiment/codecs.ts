import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import { endWithProcess } from '../files';

/** A lossy codec, applied with ffmpeg. */
export interface Codec {
  title: string;
  /** ffmpeg's name of the encoder */
  encoder: string;
  bitRate: string;
  /** sample rate of the encoder, Hz */
  sampleRate: number;
  extension: string;
}

export const mp3: Codec = {
  title: 'MP3, 32 kbit/s',
  encoder: 'libmp3lame',
  bitRate: '32k',
  sampleRate: 44_100,
  extension: 'mp3',
};
export const opus: Codec = {
  title: 'Opus, 16 kbit/s',
  encoder: 'libopus',
  bitRate: '16k',
  sampleRate: 48_000,
  extension: 'opus',
};

/** Silence between the recordings of one file, seconds, so that they do not run into each other. */
const gapSec = 0.5;

/**
 * Encodes and decodes recordings. They are encoded as one file, because starting ffmpeg takes longer than encoding a clip.
 *
 * @param recordings - shape [samples] each
 * @param sampleRate - Hz
 * @returns the decoded recordings, of the same lengths
 * @throws {@link WorkbenchError} if ffmpeg fails
 */
export async function roundTrip(
  recordings: readonly Float32Array[],
  sampleRate: number,
  { encoder, bitRate, sampleRate: encoderRate, extension }: Codec,
): Promise<Float32Array[]> {
  const gap = Math.round(gapSec * sampleRate);
  const starts: number[] = [];
  let length = gap;
  for (const { length: own } of recordings) {
    starts.push(length);
    length += own + gap;
  }
  const joined = new Float32Array(length);
  for (const [i, samples] of recordings.entries()) joined.set(samples, starts[i]);
  const folder = await mkdtemp(join(tmpdir(), 'speech-emotion-codec-'));
  try {
    // A file, not a pipe: only in a file can the encoder state its delay.
    const file = join(folder, `encoded.${extension}`);
    const raw = ['-f', 'f32le', '-ac', '1', '-ar', String(sampleRate)];
    await ffmpeg(
      [...raw, '-i', 'pipe:0', '-ar', String(encoderRate), '-c:a', encoder, '-b:a', bitRate, file],
      new Uint8Array(joined.buffer),
    );
    const decoded = await ffmpeg(['-i', file, ...raw, 'pipe:1']);
    const all = new Float32Array(length);
    const samples = Math.min(length, Math.floor(decoded.length / 4));
    new Uint8Array(all.buffer).set(decoded.subarray(0, 4 * samples));
    return recordings.map((own, i) => all.slice(starts[i], starts[i] + own.length));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why the codec cannot be applied on this machine; undefined if it can. */
export async function codecProblem({ encoder }: Codec): Promise<string | undefined> {
  let encoders: string;
  try {
    encoders = new TextDecoder().decode(await ffmpeg(['-encoders']));
  } catch {
    return 'ffmpeg is not installed';
  }
  return new RegExp(String.raw`\b${encoder}\b`).test(encoders) ? undefined : `ffmpeg has no ${encoder}`;
}

function ffmpeg(options: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...options]);
    endWithProcess(child);
    const output: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (part: Buffer) => output.push(part));
    child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
    // ffmpeg may stop before it has read everything; the exit code is checked below.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new WorkbenchError(`ffmpeg stopped with code ${code}: ${errors.trim().slice(-300)}`));
    });
    child.stdin.end(input);
  });
}
