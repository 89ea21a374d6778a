import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AudioData } from '../../../src/core/audio';

/** Skips a test if ffmpeg is not installed. */
export function requireFfmpeg(context: Mocha.Context): void {
  if (!spawnSync('ffmpeg', ['-version']).error) return;
  console.log('      skipped: ffmpeg is not installed');
  context.skip();
}

/** Runs ffmpeg. @throws Error with its message */
export function ffmpeg(...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], { maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr.toString()}`);
  return stdout;
}

/** What ffmpeg decodes from a file. @param decoder - options before the input */
export function decodedByFfmpeg(path: string, decoder: readonly string[] = []): AudioData {
  return fromAu(ffmpeg(...decoder, '-i', path, '-c:a', 'pcm_f32be', '-f', 'au', '-'));
}

/** As {@link decodedByFfmpeg} for several files; one start of ffmpeg instead of one per file. Writes `FILE.au` next to each. */
export function allDecodedByFfmpeg(
  files: readonly { path: string; decoder?: readonly string[] }[],
): AudioData[] {
  const inputs = files.flatMap(({ path, decoder = [] }) => [...decoder, '-i', path]);
  const outputs = files.flatMap(({ path }, i) => ['-map', `${i}:a`, '-c:a', 'pcm_f32be', `${path}.au`]);
  ffmpeg(...inputs, ...outputs);
  return files.map(({ path }) => fromAu(readFileSync(`${path}.au`)));
}

function fromAu(au: Buffer): AudioData {
  const [start, sampleRate, count] = [au.readUInt32BE(4), au.readUInt32BE(16), au.readUInt32BE(20)];
  const frames = Math.floor((au.length - start) / (4 * count));
  const channels = Array.from({ length: count }, (_, c) =>
    Float32Array.from({ length: frames }, (__, i) => au.readFloatBE(start + 4 * (i * count + c))),
  );
  return { channels, sampleRate };
}

/** Correlation of two signals of about equal length, from `margin` samples after the start to as many before the end. */
export function correlation(a: Float32Array, b: Float32Array, margin = 0): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = margin; i < Math.min(a.length, b.length) - margin; i++) {
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Maximum difference of two signals. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

/** The bytes of a file, as a view that does not share memory with others. */
export const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
