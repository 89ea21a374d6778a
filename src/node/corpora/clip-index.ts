import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pMap from 'p-map';
import { type AudioSource, compareChannels, openAudio, readAudioFormat } from '../../core/audio';
import {
  decodeWithFfmpeg,
  fileErrorCode,
  fileErrorReason,
  paths,
  removeAbandoned,
  writeStreamAtomic,
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
  /** see {@link stateOf} */
  identity: string;
  /** when the file was read, ms */
  read: number;
}

/** Increment when the meaning of the index or the decoder changes. */
const indexVersion = 5;

/** Number of files read between two saves of the index, so that an interrupted first load can resume. */
const saveEvery = 2_000;
/** Saves take at most about this share of the time. */
const saveShare = 0.05;

/** A file that changed within this time before it was read may change again without a later timestamp. */
const timeStampMs = 2_000;

/** Files that are compared with the index at once. */
const filesAtOnce = 256;
/** Smaller files are read several at once, bytes. */
const smallBytes = 2 ** 22;

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
  const indexFile = join(cacheDirectory, `${key}.jsonl`);
  removeAbandoned(cacheDirectory, /^[0-9a-f]{16}\.json(?:\.\d+)?$/);
  const known = readIndex(indexFile);
  const unvisited = new Set(known.keys());
  const result = new Map<string, Indexed | FileProblem>();
  let unsaved = 0;
  let savedAt = performance.now();
  let pauseMs = 0;
  let remark: string | undefined;
  const save = async (): Promise<void> => {
    const started = performance.now();
    // Before the end, keep the entries of files that have not been visited yet.
    const others = result.size === files.length ? [] : unvisited;
    try {
      await writeStreamAtomic(indexFile, indexLines(result, known, others));
      unsaved = 0;
    } catch (error) {
      remark = `the index of the clips could not be saved, and all files will be read again: ${fileErrorReason(error)}`;
    }
    savedAt = performance.now();
    pauseMs = (savedAt - started) / saveShare;
  };
  const visit = (path: string, entry: Indexed | FileProblem): void => {
    signal?.throwIfAborted();
    if (entry !== known.get(path) && 'identity' in entry) unsaved++;
    result.set(path, entry);
    unvisited.delete(path);
    onProgress?.(result.size, files.length);
  };
  const read = async (path: string): Promise<void> => {
    signal?.throwIfAborted();
    visit(path, await readEntry(join(root, path)));
  };
  try {
    for (let start = 0; start < files.length; start += filesAtOnce) {
      const part = files.slice(start, start + filesAtOnce);
      const states = await Promise.all(part.map((path) => stateOf(join(root, path))));
      const small: string[] = [];
      const large: string[] = [];
      for (const [i, path] of part.entries()) {
        const before = known.get(path);
        if (isFresh(before, states[i])) visit(path, before);
        else if ((states[i]?.size ?? 0) < smallBytes) small.push(path);
        else large.push(path);
      }
      await pMap(small, read, { concurrency: 8 });
      for (const path of large) await read(path);
      if (unsaved >= saveEvery && performance.now() - savedAt > pauseMs) await save();
    }
  } finally {
    if (unsaved > 0 || (result.size === files.length && unvisited.size > 0)) await save();
    if (remark !== undefined) onRemark?.(remark);
  }
  return result;
}

/** Number of entries that are written at once. */
const linesAtOnce = 1_000;

/** The content of an index: one line with the version, then one line per file, so that it may be larger than the longest string. */
function* indexLines(
  result: ReadonlyMap<string, Indexed | FileProblem>,
  known: ReadonlyMap<string, Indexed>,
  others: Iterable<string>,
): Generator<string> {
  let lines = [JSON.stringify({ version: indexVersion })];
  const add = (path: string, entry: Indexed): void => {
    const { identity, read, sha256, sampleRate, channels, frames, silent, damage, difference } = entry;
    const cells = [path, identity, read, sha256, sampleRate, channels, frames, silent, damage, difference];
    lines.push(JSON.stringify(cells.slice(0, damage || difference ? 10 : 8)));
  };
  for (const [path, entry] of result) {
    if ('identity' in entry) add(path, entry);
    if (lines.length < linesAtOnce) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  for (const path of others) add(path, known.get(path)!);
  yield `${lines.join('\n')}\n`;
}

type IndexLine = [string, string, number, string, number, number, number, boolean, string[]?, string?];

function readIndex(indexFile: string): Map<string, Indexed> {
  const index = new Map<string, Indexed>();
  try {
    let isCurrent: boolean | undefined;
    for (const line of linesOf(indexFile)) {
      if (isCurrent === undefined) {
        isCurrent = (JSON.parse(line) as { version?: number }).version === indexVersion;
        if (!isCurrent) break;
        continue;
      }
      const [path, identity, read, sha256, sampleRate, channels, frames, silent, damage, difference] =
        JSON.parse(line) as IndexLine;
      const others = { ...(damage && { damage }), ...(difference && { difference }) };
      index.set(path, { sha256, sampleRate, channels, frames, silent, identity, read, ...others });
    }
  } catch {
    // Missing, damaged or unfinished: the files without an entry are read again.
  }
  return index;
}

/** The lines of a text file of any size. @throws the file system's error */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder();
    const buffer = Buffer.allocUnsafe(2 ** 22);
    let rest = '';
    for (let length; (length = readSync(file, buffer)) > 0;) {
      const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
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

/** A state of a file. */
interface FileState {
  identity: string;
  size: number;
  /** time of the last change, ms */
  changed: number;
}

/**
 * Identifies a state of a file. The inode and the time of change distinguish two files of equal size and modification time that were
 * swapped by renaming. After copying the index or a folder, or on network disks without stable inodes, the files are just read again.
 *
 * @returns undefined if there is no such file
 */
async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    // Times in ms have fractions down to .00025; as bigints they would take a third more time.
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return { identity: `${ino}-${size}-${mtimeMs}-${ctimeMs}`, size, changed: ctimeMs };
  } catch {
    return undefined; // reading it explains why
  }
}

/** Whether a file is the one that an entry of the index describes. */
const isFresh = (entry: Indexed | undefined, state: FileState | undefined): entry is Indexed =>
  entry !== undefined &&
  entry.identity === state?.identity &&
  entry.read > state.changed + timeStampMs &&
  isEntry(entry);

/** Reads a file. Returns problems instead of throwing them, so that one bad file does not stop the others. */
async function readEntry(path: string): Promise<Indexed | FileProblem> {
  try {
    const state = await stateOf(path);
    const read = Date.now();
    const bytes = await readAudioBytes(path);
    const source = await openAudio(bytes, { decodeOther: decodeWithFfmpeg(path) });
    const { sampleRate, channels, frames } = source;
    const content = inspectStored(bytes, source) ?? (await inspect(source));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { sha256, sampleRate, channels, frames, ...content, identity: state?.identity ?? '', read };
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
