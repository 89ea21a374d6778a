import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import {
  AudioFormatError,
  type BlockStream,
  checkSampleRate,
  checkStreamLength,
  type OtherDecoder,
} from '../../core/audio';
import { endWithProcess } from './workers';

/** Time without output after which ffmpeg is stopped, ms. */
const maxWaitMs = 60_000;
/** Time after which ffmpeg is stopped if no further samples are requested, so that it does not keep this process alive, ms. */
const maxIdleMs = 5000;
/** Samples of a file that are kept in memory after they were counted: three minutes of stereo at 48 kHz. */
const maxKept = 2 ** 24;
/** Characters of ffmpeg's messages that are kept. */
const maxMessage = 2000;

/**
 * Decodes formats that the library cannot decode, such as AAC in M4A files, with the program ffmpeg, if it is installed.
 *
 * @param path - file with the same content as the bytes; default: a temporary file is written
 * @returns a decoder for `openAudio`; it throws `AudioFormatError` if ffmpeg is not installed or fails
 */
export function decodeWithFfmpeg(path?: string): OtherDecoder {
  return async (bytes, format) => {
    if (path !== undefined) return openStream(resolve(path), format);
    const folder = await mkdtemp(join(tmpdir(), 'ser-audio-'));
    try {
      const file = join(folder, 'input');
      await writeFile(file, bytes);
      const stream = await openStream(file, format);
      if (!stream.isKept) {
        throw new AudioFormatError(
          `it is ${format} and too long to decode from memory: pass the path of the file, or convert it to WAV or FLAC`,
        );
      }
      return stream;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Decodes a file once to count its samples. Those of a short file are kept; a long one is decoded again when it is read. */
async function openStream(path: string, format: string): Promise<BlockStream & { isKept: boolean }> {
  let kept: Float32Array[][] | undefined = [];
  let frames = 0;
  let header: Header | undefined;
  let remark: string | undefined;
  const onMessage = (message: string): void => {
    remark = `ffmpeg reported damage (${message}); times after that may be too early`;
  };
  for await (const { block, ...found } of decodeFile(path, format, onMessage)) {
    header = found;
    frames += block[0].length;
    checkStreamLength(frames, found.channels);
    if (frames * found.channels > maxKept) kept = undefined;
    kept?.push(block);
  }
  if (!header) throw new AudioFormatError(`it is ${format} without audio`);
  const { sampleRate, channels } = header;
  checkSampleRate(sampleRate);
  const blocks = kept;
  return {
    codec: format,
    sampleRate,
    channels,
    frames,
    isKept: blocks !== undefined,
    blocks: (onRemark) => {
      if (remark !== undefined) onRemark(remark);
      return blocks ?? blocksOf(path, format);
    },
  };
}

async function* blocksOf(path: string, format: string): AsyncGenerator<Float32Array[]> {
  for await (const { block } of decodeFile(path, format)) yield block;
}

interface Header {
  /** Hz */
  sampleRate: number;
  channels: number;
}

/**
 * Decodes the first audio stream of a file, block by block. If the reader pauses for long, ffmpeg is stopped and started again.
 *
 * @param onMessage - called at the end with the last error that ffmpeg reported, if it decoded the file in spite of it
 */
async function* decodeFile(
  path: string,
  format: string,
  onMessage?: (message: string) => void,
): AsyncGenerator<Header & { block: Float32Array[] }> {
  let frames = 0;
  for (let isFinished = false; !isFinished;) {
    let skip = frames;
    const process = startFfmpeg(path, format);
    const idleState = { isStopped: false };
    let idle: NodeJS.Timeout | undefined;
    try {
      for await (const { block, ...header } of parseAu(process.output())) {
        const rest = skip === 0 ? block : block.map((samples) => samples.subarray(skip));
        skip = Math.max(0, skip - block[0].length);
        if (rest[0].length === 0) continue;
        frames += rest[0].length;
        idle = setTimeout(() => {
          idleState.isStopped = true;
          process.stop();
        }, maxIdleMs);
        yield { block: rest, ...header };
        clearTimeout(idle);
        if (idleState.isStopped) break;
      }
      if (!idleState.isStopped) {
        const message = await process.finished();
        if (message) onMessage?.(message);
        isFinished = true;
      }
    } finally {
      clearTimeout(idle);
      process.stop();
    }
  }
}

function startFfmpeg(path: string, format: string) {
  // Only files: a damaged or hostile playlist must not make ffmpeg open addresses.
  const args = ['-nostdin', '-v', 'error', '-protocol_whitelist', 'file,pipe', '-i', `file:${path}`];
  const output = ['-map', '0:a:0', '-c:a', 'pcm_f32be', '-f', 'au', 'pipe:1'];
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn('ffmpeg', [...args, ...output], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithProcess(child);
  let message = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message = (message + text).slice(-maxMessage);
  });
  let problem: NodeJS.ErrnoException | undefined;
  const closed = new Promise<number | null>((done) => {
    child.once('error', (error) => {
      problem = error;
      done(null);
    });
    child.once('close', done);
  });
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      problem = new Error(`ffmpeg returned nothing for ${maxWaitMs / 1000} s`);
      stop();
    }, maxWaitMs);
  };
  return {
    stop,
    /** The decoded bytes. */
    output: async function* (): AsyncGenerator<Buffer> {
      try {
        wait();
        for await (const piece of child.stdout) {
          clearTimeout(timer);
          yield piece as Buffer;
          wait();
        }
      } finally {
        clearTimeout(timer);
      }
    },
    /**
     * Waits for the end.
     *
     * @returns the last error that ffmpeg reported, although it went on; empty if there was none
     * @throws `AudioFormatError` if ffmpeg is not installed or failed
     */
    finished: async (): Promise<string> => {
      const code = await closed;
      if (problem?.code === 'ENOENT') {
        throw new AudioFormatError(
          `it is ${format}, which is decoded with ffmpeg, but ffmpeg is not installed; ` +
            'install it, or convert the file elsewhere with: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav',
        );
      }
      if (problem)
        throw new AudioFormatError(`it is ${format}, and ffmpeg cannot decode it: ${problem.message}`);
      const line = lastLine(message, path);
      if (code === 0) return line;
      throw new AudioFormatError(
        `it is ${format}, and ffmpeg cannot decode it: ${line || `it stopped with code ${code}`}`,
      );
    },
  };
}

/** The last line of ffmpeg's messages, without the path and the parts of ffmpeg that it names, such as `[aac @ 0x55ab1bf567c0]`. */
function lastLine(message: string, path: string): string {
  const line = message.trim().split('\n').at(-1)!;
  return line
    .replaceAll(`file:${path}: `, '')
    .replaceAll(/\[[^\]]* @ 0x[\da-f]+\] */g, '')
    .slice(0, 200);
}

/** Splits the output of ffmpeg, Sun audio with big-endian 32-bit floats, into blocks. */
async function* parseAu(pieces: AsyncIterable<Buffer>): AsyncGenerator<Header & { block: Float32Array[] }> {
  let rest: Buffer = Buffer.alloc(0);
  let header: Header | undefined;
  for await (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    if (!header) {
      if (rest.length < 24 || rest.length < rest.readUInt32BE(4)) continue;
      header = { sampleRate: rest.readUInt32BE(16), channels: rest.readUInt32BE(20) };
      rest = rest.subarray(rest.readUInt32BE(4));
    }
    const { channels } = header;
    const frames = Math.floor(rest.length / (4 * channels));
    if (frames === 0) continue;
    const block = Array.from({ length: channels }, () => new Float32Array(frames));
    for (let i = 0, at = 0; i < frames; i++)
      for (let c = 0; c < channels; c++, at += 4) block[c][i] = rest.readFloatBE(at);
    rest = rest.subarray(frames * 4 * channels);
    yield { ...header, block };
  }
}
