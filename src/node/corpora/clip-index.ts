import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type AudioSource, compareChannels, openAudio, readAudioFormat } from '../../core/audio';
import {
  decodeWithFfmpeg,
  fileErrorCode,
  fileErrorReason,
  paths,
  removeAbandoned,
  writeFileAtomicSync,
} from '../files';
import { type IndexOptions, linkProblem, readAudioBytes } from './audio-files';

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
  /** damaged parts that were replaced by silence; missing if there are none */
  damage?: string[];
  /** how the channels differ; missing if they are similar, or there is only one */
  difference?: string;
}

/** Why a file cannot be used. */
export interface FileProblem {
  problem: string;
}

/** An entry of the index. Problems are not stored, because many are temporary. */
interface Indexed extends FileFacts {
  /** see {@link identityOf} */
  identity: string;
  /** when the file was read, ms */
  read: number;
}

/** Increment when the meaning of the index or the decoder changes. */
const indexVersion = 4;

/** Number of files read between two saves of the index, so that an interrupted first load can resume. */
const saveEvery = 2_000;

/** A file that changed within this time before it was read may change again without a later timestamp. */
const timeStampMs = 2_000;

/**
 * Reads the properties of audio files. They are cached by path and identity (inode, size, times of modification and change), so that
 * only new, changed and moved files are read.
 *
 * @param root - folder of the corpora
 * @param files - paths below it
 * @param options.onRemark - called if the index cannot be saved
 * @returns properties or problem of each file, by path
 * @throws the signal's reason if it is aborted
 */
export async function indexFiles(
  root: string,
  files: readonly string[],
  {
    cacheDirectory = join(paths.cache, 'clip-index'),
    onProgress,
    signal,
    onRemark,
  }: IndexOptions & { onRemark?: (text: string) => void } = {},
): Promise<Map<string, FileFacts | FileProblem>> {
  const key = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 16);
  const indexFile = join(cacheDirectory, `${key}.json`);
  removeAbandoned(cacheDirectory, /^[0-9a-f]{16}\.json\.\d+$/);
  const known = readIndex(indexFile);
  const index = new Map<string, Indexed>();
  const result = new Map<string, FileFacts | FileProblem>();
  let unsaved = 0;
  let remark: string | undefined;
  const save = (): void => {
    // Before the end, keep the entries of files that have not been visited yet.
    const kept = result.size === files.length ? index : new Map([...known, ...index]);
    const content = JSON.stringify({ version: indexVersion, files: Object.fromEntries(kept) });
    try {
      writeFileAtomicSync(indexFile, content);
    } catch (error) {
      remark = `the index of the clips could not be saved, and all files will be read again: ${fileErrorReason(error)}`;
    }
  };
  try {
    for (const [done, path] of files.entries()) {
      signal?.throwIfAborted();
      const before = known.get(path);
      const entry = await readEntry(join(root, path), before);
      if ('identity' in entry) index.set(path, entry);
      if (entry !== before && 'identity' in entry && ++unsaved % saveEvery === 0) save();
      result.set(path, entry);
      onProgress?.(done + 1, files.length);
    }
  } finally {
    if (unsaved > 0 || (result.size === files.length && known.size > index.size)) save();
    if (remark !== undefined) onRemark?.(remark);
  }
  return result;
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

/** Whether an entry is complete; the index may be damaged. */
function isEntry(entry: Indexed): boolean {
  const numbers = [entry.sampleRate, entry.channels, entry.frames, entry.read];
  return (
    numbers.every((value) => Number.isFinite(value) && value > 0) &&
    /^[0-9a-f]{64}$/.test(entry.sha256) &&
    typeof entry.silent === 'boolean'
  );
}

/**
 * Identifies a state of a file. The inode and the time of change distinguish two files of equal size and modification time that were
 * swapped by renaming. After copying the index or a folder, or on network disks without stable inodes, the files are just read again.
 */
function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join('-');
}

/**
 * The entry of the index if the file is unchanged; otherwise reads the file. Returns problems instead of throwing them, so that one bad
 * file does not stop the others.
 */
async function readEntry(path: string, before: Indexed | undefined): Promise<Indexed | FileProblem> {
  try {
    const stats = await stat(path, { bigint: true });
    const identity = identityOf(stats);
    const settled = Number(stats.ctimeNs / 1_000_000n) + timeStampMs;
    if (before?.identity === identity && before.read > settled && isEntry(before)) return before;
    const read = Date.now();
    const bytes = await readAudioBytes(path);
    const source = await openAudio(bytes, { decodeOther: decodeWithFfmpeg(path) });
    const { sampleRate, channels, frames } = source;
    const content = inspectStored(bytes, source) ?? (await inspect(source));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { sha256, sampleRate, channels, frames, ...content, identity, read };
  } catch (error) {
    return { problem: await explainProblem(path, error) };
  }
}

/**
 * As {@link inspect} for one channel of 16-bit samples, the format of the four corpora: these are not decoded, which takes half of the
 * time.
 *
 * @returns undefined for other formats
 */
function inspectStored(
  bytes: Uint8Array,
  { channels, format }: AudioSource,
): { silent: boolean } | undefined {
  if (channels > 1 || format !== 'WAV') return undefined;
  const { encoding, bitDepth, blockAlign, dataStart, frames } = readAudioFormat(bytes);
  if (encoding !== 'signed' || bitDepth !== 16 || blockAlign !== 2) return undefined;
  return { silent: bytes.subarray(dataStart, dataStart + 2 * frames).every((byte) => byte === 0) };
}

/** Samples of each channel that are decoded at once. */
const partFrames = 2 ** 22;

/** Decodes the whole file, part by part. */
async function inspect({
  frames,
  read,
  remarks,
}: AudioSource): Promise<Pick<FileFacts, 'silent' | 'damage' | 'difference'>> {
  const comparison = compareChannels();
  let silent = true;
  for (let at = 0; at < frames; at += partFrames) {
    const channels = await read(at, Math.min(frames, at + partFrames));
    silent &&= channels.every((samples) => samples.every((sample) => sample === 0));
    comparison.add(channels);
  }
  const difference = comparison.remark();
  return { silent, ...(remarks.length > 0 && { damage: [...remarks] }), ...(difference && { difference }) };
}

async function explainProblem(path: string, error: unknown): Promise<string> {
  if (fileErrorCode(error) !== 'ENOENT') return fileErrorReason(error);
  if (path.includes('\ufffd')) return 'its name is not valid UTF-8; rename it';
  const link = await lstat(path).catch(() => undefined);
  return link?.isSymbolicLink() ? linkProblem(error) : fileErrorReason(error);
}
