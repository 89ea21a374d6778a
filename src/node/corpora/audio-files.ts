import { createHash } from 'node:crypto';
import { type Dirent, existsSync, type Stats } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import pMap from 'p-map';
import {
  type ChannelChoice,
  checkChannelChoice,
  decodeAudioFile,
  toMono,
  type Waveform,
} from '../../core/audio';
import { InvalidFileError } from '../../core/base';
import { decodeWithFfmpeg, fileErrorCode, fileErrorReason } from '../files';
import { demoMarkerFile } from './demo/demo-corpus';
import { foreignContent, irregular } from './tables';

/** Maximum size of an audio file that is read into memory, in bytes. */
const maxAudioBytes = 2 ** 30;

/** Options of {@link readAudio}. */
export interface ReadAudioOptions {
  /** which channel to use if a recording has several; default `mix`, the mean of all */
  channel?: ChannelChoice;
  /** name of a recording given as bytes, for messages; default `the recording` */
  name?: string;
}

/**
 * Reads an audio file as a mono waveform at its own sampling rate: WAV, AIFF, CAF, MP3, FLAC, Ogg, Opus, WebM, and all other formats that
 * ffmpeg reads, if it is installed.
 *
 * @param recording - path of a file, or its bytes; the format is recognised by content, not by extension
 * @returns the mean of the channels (as librosa's `to_mono`), or one channel; shape [frames]
 * @throws {@link InvalidFileError} if the file is missing, damaged, empty or not audio, or does not have the channel
 * @throws InvalidArgumentError if `channel` is not `mix`, `left`, `right` or a number from 1
 * @example
 * ```ts
 * const { samples, sampleRate } = await readAudio('speech.mp3');
 * const guest = await readAudio('interview.wav', { channel: 'right' });
 * ```
 */
export async function readAudio(
  recording: string | Uint8Array,
  { channel = 'mix', name = 'the recording' }: ReadAudioOptions = {},
): Promise<Waveform> {
  checkChannelChoice(channel);
  const isPath = typeof recording === 'string';
  try {
    const bytes = isPath ? await readAudioBytes(recording) : recording;
    const options = { decodeOther: decodeWithFfmpeg(isPath ? recording : undefined) };
    return toMono(await decodeAudioFile(bytes, options), channel);
  } catch (error) {
    throw new InvalidFileError(isPath ? recording : name, fileErrorReason(error));
  }
}

/** The bytes of an audio file. @throws Error with the reason, or the file system's error */
export async function readAudioBytes(path: string): Promise<Buffer> {
  const stats = await stat(path);
  const problem = irregular(stats);
  if (problem) throw new Error(problem);
  if (stats.size > maxAudioBytes) throw new Error('it has more than 1 GB; cut it into shorter clips');
  const bytes = await readFile(path);
  const foreign = foreignContent(bytes);
  if (foreign) throw new Error(foreign);
  return bytes;
}

/** Options of {@link listFiles}. */
export interface ListOptions {
  /** called with each folder or link that cannot be read; by default the first stops the search */
  onProblem?: (path: string, reason: string) => void;
}

/**
 * Lists the files below a folder by name. Names that start with a dot are skipped, such as unfinished downloads. Links to folders are
 * followed, and each folder is visited once. Broken links, pipes and devices with a matching name are listed as well: reading them
 * fails with the reason.
 *
 * @param pattern - matched against the file name
 * @returns paths below `directory` with `/`, sorted; empty if it does not exist
 * @throws {@link InvalidFileError} if a folder cannot be read and `onProblem` is missing
 */
export async function listFiles(
  directory: string,
  pattern: RegExp,
  {
    onProblem = (path, reason) => {
      throw new InvalidFileError(join(directory, path), reason);
    },
  }: ListOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  if (existsSync(directory)) await visit('');
  return found.sort();

  async function visit(folder: string): Promise<void> {
    const absolute = join(directory, folder);
    let entries: Dirent[];
    try {
      const real = await realpath(absolute);
      if (seen.has(real)) return;
      seen.add(real);
      entries = await readdir(absolute, { withFileTypes: true });
    } catch (error) {
      onProblem(folder || '.', fileErrorReason(error));
      return;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const matches = pattern.test(entry.name);
      let kind: Stats | Dirent = entry;
      if (entry.isSymbolicLink()) {
        try {
          kind = await stat(join(directory, path));
        } catch (error) {
          if (matches) found.push(path);
          // It may be a link to a folder of clips on a disk that is not connected.
          else if (posix.extname(entry.name) === '') onProblem(path, linkProblem(error));
          continue;
        }
      }
      if (kind.isDirectory()) await visit(path);
      else if (matches) found.push(path);
    }
  }
}

/** Why a link cannot be followed. */
export const linkProblem = (error: unknown): string =>
  fileErrorCode(error) === 'ENOENT'
    ? 'it is a link to something that does not exist'
    : fileErrorReason(error);

/** Files below the folders of synthetic demo corpora. Their clips are named like those of the real corpora. */
export function filesOfDemos(files: readonly string[]): Set<string> {
  const demos = files
    .filter((path) => posix.basename(path) === demoMarkerFile)
    .map((path) => posix.dirname(path));
  const inDemo = (path: string) => demos.some((demo) => demo === '.' || path.startsWith(`${demo}/`));
  return new Set(demos.length > 0 ? files.filter(inDemo) : []);
}

/**
 * Lists the WAV files below a folder, without the synthetic demo. The corpora are published as WAV, so files in other formats are not
 * the published ones.
 *
 * @returns paths below `directory`, sorted
 */
export async function listAudio(directory: string, options: ListOptions = {}): Promise<string[]> {
  const files = await listFiles(directory, /\.(wav|json)$/i, options);
  const demos = filesOfDemos(files);
  return files.filter((path) => /\.wav$/i.test(path) && !demos.has(path));
}

/** Options of the functions that read many audio files. */
export interface IndexOptions {
  /** folder of the clip index; default `data/cache/clip-index` */
  cacheDirectory?: string;
  onProgress?: (done: number, total: number) => void;
  /** stops the work; the index keeps the files read so far */
  signal?: AbortSignal;
}

/**
 * Computes the SHA-256 of many files, two at a time.
 *
 * @param files - paths below `directory`
 * @returns the hashes of the readable files and the problems of the others, both in the given order
 * @throws the signal's reason if it is aborted
 */
export async function hashFiles(
  directory: string,
  files: readonly string[],
  { onProgress, signal }: Pick<IndexOptions, 'onProgress' | 'signal'> = {},
): Promise<{ hashed: { path: string; sha256: string }[]; unreadable: { path: string; reason: string }[] }> {
  let done = 0;
  const results = await pMap(
    files,
    async (path) => {
      signal?.throwIfAborted();
      const result = await hashFile(join(directory, path), { signal }).then(
        (sha256) => ({ path, sha256 }),
        (error: unknown) => {
          signal?.throwIfAborted();
          return { path, reason: error instanceof InvalidFileError ? error.reason : fileErrorReason(error) };
        },
      );
      onProgress?.(++done, files.length);
      return result;
    },
    { concurrency: 2 },
  );
  return {
    hashed: results.filter((result) => 'sha256' in result),
    unreadable: results.filter((result) => 'reason' in result),
  };
}

/**
 * Computes the digest of a file in pieces of 256 KiB.
 *
 * @returns lower-case hex
 * @throws {@link InvalidFileError} if it is not a regular file
 * @throws the file system's error if the file cannot be read, or the signal's reason
 */
export async function hashFile(
  path: string,
  { algorithm = 'sha256', signal }: { algorithm?: 'md5' | 'sha256'; signal?: AbortSignal } = {},
): Promise<string> {
  const problem = irregular(await stat(path));
  if (problem) throw new InvalidFileError(path, problem);
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(2 ** 18);
  const file = await open(path, 'r');
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
