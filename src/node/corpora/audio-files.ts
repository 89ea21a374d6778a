import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import pMap from 'p-map';
import { decodeAudio, readAudioFormat, toMono, type Waveform } from '../../core/audio';
import { InvalidFileError, messageOf } from '../../core/base';
import { fileErrorCode, paths, removeAbandoned, writeFileAtomicSync } from '../files';
import { demoMarkerFile } from './demo/demo-corpus';

/**
 * Reads a WAV or AIFF file as a mono waveform at its own sampling rate.
 *
 * @param path - the format is recognised by content, not by extension
 * @returns the mean of the channels (as librosa's `to_mono`), shape [frames]
 * @throws {@link InvalidFileError} if the file is missing, damaged, empty or not audio
 * @example
 * ```ts
 * const { samples, sampleRate } = await readAudio('speech.wav');
 * ```
 */
export async function readAudio(path: string): Promise<Waveform> {
  try {
    return toMono(decodeAudio(await readFile(path)));
  } catch (error) {
    throw new InvalidFileError(path, messageOf(error));
  }
}

/**
 * Lists the files below a folder by name. Names that start with a dot are skipped, such as unfinished downloads. Links to folders are
 * followed, and each folder is visited once.
 *
 * @param pattern - matched against the file name
 * @returns paths below `directory` with `/`, sorted; empty if it does not exist
 */
export async function listFiles(directory: string, pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  await visit('');
  return found.sort();

  async function visit(folder: string): Promise<void> {
    const absolute = join(directory, folder);
    const real = await realpath(absolute).catch(() => undefined);
    if (real === undefined || seen.has(real)) return;
    seen.add(real);
    for (const entry of await readdir(absolute, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // A broken link has no kind.
      const kind = entry.isSymbolicLink() ? await stat(join(directory, path)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await visit(path);
      else if (kind?.isFile() && pattern.test(entry.name)) found.push(path);
    }
  }
}

/**
 * Lists the WAV files below a folder, without the synthetic demo: its clips have the file names of the corpora.
 *
 * @returns paths below `directory`, sorted
 */
export async function listAudio(directory: string): Promise<string[]> {
  const files = await listFiles(directory, /\.(wav|json)$/i);
  const demos = files
    .filter((path) => path === demoMarkerFile || path.endsWith(`/${demoMarkerFile}`))
    .map((path) => posix.dirname(path));
  const inDemo = (path: string) => demos.some((demo) => demo === '.' || path.startsWith(`${demo}/`));
  return files.filter((path) => /\.wav$/i.test(path) && !inDemo(path));
}

/** Options of the functions that read many audio files. */
export interface IndexOptions {
  /** folder of the clip index; default `data/cache/clip-index` */
  cacheDirectory?: string;
  onProgress?: (done: number, total: number) => void;
  /** called once if the index cannot be stored, for example because the disk is full; default `console.error` */
  onWarning?: (warning: string) => void;
  /** stops the work; the index keeps the files read so far */
  signal?: AbortSignal;
}

/** Properties of an audio file. */
export interface FileFacts {
  sha256: string;
  /** Hz */
  sampleRate: number;
  channels: number;
  /** samples per channel */
  frames: number;
  /** every sample is zero */
  silent: boolean;
}

/** Why a file cannot be used. */
export interface FileProblem {
  problem: string;
}

type Indexed = (FileFacts | FileProblem) & { size: number; modified: number };

/** Increase when the meaning of the index changes. */
const indexVersion = 1;

/** Files read between two saves of the index, so that an interrupted first load can resume. */
const saveEvery = 2_000;

/**
 * Reads the properties of audio files. They are cached by path, size and modification time, so that only new and changed files are
 * read.
 *
 * @param root - folder of the corpora
 * @param files - paths below it
 * @returns properties or problem of each file, by path
 * @throws the signal's reason if it is aborted
 */
export async function indexFiles(
  root: string,
  files: readonly string[],
  {
    cacheDirectory = join(paths.cache, 'clip-index'),
    onProgress,
    onWarning = console.error,
    signal,
  }: IndexOptions = {},
): Promise<Map<string, FileFacts | FileProblem>> {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const indexFile = join(cacheDirectory, `${key}.json`);
  removeAbandoned(cacheDirectory, /^[0-9a-f]{16}\.json\.\d+$/);
  const known = readIndex(indexFile);
  const index = new Map<string, Indexed>();
  let unsaved = 0;
  let hasWarned = false;
  const save = (): void => {
    // Before the end, keep the entries of files that have not been visited yet.
    const kept = index.size === files.length ? index : new Map([...known, ...index]);
    const content = JSON.stringify({ version: indexVersion, files: Object.fromEntries(kept) });
    try {
      writeFileAtomicSync(indexFile, content);
    } catch (error) {
      // The index is only a cache.
      if (fileErrorCode(error) === undefined) throw error;
      if (!hasWarned) onWarning(`${messageOf(error)}; loading continues without storing the clip index`);
      hasWarned = true;
    }
  };
  try {
    for (const [done, path] of files.entries()) {
      signal?.throwIfAborted();
      const { size, mtimeMs: modified } = await stat(join(root, path));
      const before = known.get(path);
      if (before?.size === size && before.modified === modified) index.set(path, before);
      else {
        index.set(path, { ...(await inspectFile(join(root, path))), size, modified });
        if (++unsaved % saveEvery === 0) save();
      }
      onProgress?.(done + 1, files.length);
    }
  } finally {
    if (unsaved > 0 || (index.size === files.length && known.size > index.size)) save();
  }
  return index;
}

function readIndex(indexFile: string): Map<string, Indexed> {
  try {
    const { version, files } = JSON.parse(readFileSync(indexFile, 'utf8')) as {
      version: number;
      files: Record<string, Indexed>;
    };
    return version === indexVersion ? new Map(Object.entries(files)) : new Map<string, Indexed>();
  } catch {
    return new Map(); // missing or damaged: read all files again
  }
}

/** Reads one audio file. Returns problems instead of throwing them, so that one bad file does not stop the others. */
async function inspectFile(path: string): Promise<FileFacts | FileProblem> {
  try {
    const bytes = await readFile(path);
    const { sampleRate, channels, frames } = readAudioFormat(bytes);
    const silent = decodeAudio(bytes).channels.every((samples) => samples.every((sample) => sample === 0));
    return { sha256: createHash('sha256').update(bytes).digest('hex'), sampleRate, channels, frames, silent };
  } catch (error) {
    return { problem: messageOf(error) };
  }
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
          return { path, reason: messageOf(error) };
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
 * @throws the file system's error if the file cannot be read, or the signal's reason
 */
export async function hashFile(
  path: string,
  { algorithm = 'sha256', signal }: { algorithm?: 'md5' | 'sha256'; signal?: AbortSignal } = {},
): Promise<string> {
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
