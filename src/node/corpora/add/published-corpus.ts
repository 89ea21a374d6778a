import { createHash } from 'node:crypto';
import { constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidFileError, messageOf, WorkbenchError } from '../../../core/base';
import { writeInFolder } from '../../files';
import { listFiles, readAudioBytes } from '../audio-files';
import { archiveEntries } from '../download/archive';
import type { DownloadLimits } from '../download/options';
import { isTable } from '../labels';
import { audioFileName, isSideFile, readName, sideFileName } from '../readers/read-names';
import { findInFolder } from '../tables';
import { type AddedArchive, isIgnored, safePath } from './archived-corpus';
import { filesWithoutLinks } from './change-corpus';

/** A folder or archive with a published corpus. */
export interface PublishedSource {
  source: string;
  /** name of the corpus */
  name: string;
  /** recordings that its reader recognises, and its side files; paths in the source */
  files: string[];
  /** the folder that contains all of them, with `/`; empty if there is none */
  prefix: string;
  skipped: AddedArchive['skipped'];
}

/**
 * Recognises a published corpus by the names of its files.
 *
 * @param source - a folder or a zip archive
 * @returns undefined if it is an archive with a `clips.csv`, or without recordings of a known corpus
 * @throws {@link InvalidFileError} if it cannot be read, contains several corpora, or is another folder
 */
export async function readPublishedSource(
  source: string,
  limits: DownloadLimits,
): Promise<PublishedSource | undefined> {
  const paths: string[] = [];
  const isFolder = statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder) {
    const pattern = new RegExp(`^clips\\.csv$|${sideFileName.source}|${audioFileName.source}`, 'i');
    for (const path of await listFiles(source, pattern)) paths.push(path);
  } else {
    const isWanted = (path: string): boolean => {
      paths.push(path);
      return false;
    };
    for await (const entry of archiveEntries(source, limits, { isWanted })) paths.push(entry.name);
  }
  const files: string[] = [];
  const corpora = new Set<string>();
  const skipped: PublishedSource['skipped'] = [];
  const hasTable = paths.some((path) => isTable(path) && !isIgnored(path));
  for (const path of hasTable ? [] : paths) {
    if (isIgnored(path)) continue;
    const found = audioFileName.test(path) ? readName(path) : undefined;
    if (found) corpora.add(found.corpus);
    if (found || isSideFile(path)) files.push(path);
    else if (audioFileName.test(path))
      skipped.push({ path, reason: 'its name is not one of a known corpus' });
  }
  if (corpora.size === 0 && isFolder) {
    const reason =
      'a folder to add must contain recordings named by the rule of a known corpus, and no clips.csv';
    throw new InvalidFileError(source, `${reason}; move folders with a clips.csv to data/corpora`);
  }
  if (corpora.size === 0) return undefined;
  const [name, ...others] = corpora;
  if (others.length > 0)
    throw new InvalidFileError(
      source,
      `it must contain one corpus, got ${[...corpora].join(', ')}; add the folder of each corpus by itself`,
    );
  return { source, name, files, prefix: commonFolder(name, files), skipped };
}

/** The longest common folder without which all files are still recognised: some readers need folders. */
function commonFolder(corpus: string, files: readonly string[]): string {
  const folders = files[0].split('/').slice(0, -1);
  for (let length = folders.length; length > 0; length--) {
    const prefix = `${folders.slice(0, length).join('/')}/`;
    const isRecognised = (path: string): boolean => isSideFile(path) || readName(path)?.corpus === corpus;
    if (files.every((path) => path.startsWith(prefix) && isRecognised(path.slice(prefix.length))))
      return prefix;
  }
  return '';
}

/**
 * Adds published sources to the new version of the folder of their corpus. Files that are there with the same bytes are not added again.
 *
 * @returns what was done for each source
 */
export async function addPublished(
  sources: readonly PublishedSource[],
  { folder, complete }: { folder: string; complete: string },
  {
    limits,
    onProgress,
    signal,
  }: { limits: DownloadLimits; onProgress?: (done: number, total: number) => void; signal?: AbortSignal },
): Promise<AddedArchive[]> {
  if (existsSync(folder)) {
    if (findInFolder(folder, 'clips.csv') !== undefined) {
      const remedy = 'delete the table to read the labels from the file names, or list the recordings in it';
      throw new WorkbenchError(
        `${folder}: it has a clips.csv, and only files listed there are used; ${remedy}`,
      );
    }
    filesWithoutLinks(folder);
    await cp(realpathSync(folder), complete, { recursive: true, mode: constants.COPYFILE_FICLONE });
  }
  const added: AddedArchive[] = [];
  for (const { source, files, prefix, skipped } of sources) {
    const result = {
      archive: basename(source),
      added: 0,
      present: 0,
      replaced: 0,
      outdated: 0,
      skipped: [...skipped],
    };
    added.push(result);
    const wanted = new Set(files);
    let done = 0;
    for await (const { path, read } of contents(source, wanted, limits)) {
      signal?.throwIfAborted();
      onProgress?.(++done, wanted.size);
      let bytes: Buffer;
      try {
        bytes = await read();
      } catch (error) {
        result.skipped.push({ path, reason: messageOf(error) });
        continue;
      }
      const target = safePath(path.slice(prefix.length));
      const file = join(complete, target);
      if (!existsSync(file)) {
        writeInFolder(complete, target, bytes, { isFlushed: false });
        if (audioFileName.test(path)) result.added++;
      } else if (sha256(readFileSync(file)) === sha256(bytes)) {
        if (audioFileName.test(path)) result.present++;
      } else {
        const reason = 'the corpus has another file with this name; delete one of them';
        result.skipped.push({ path, reason });
      }
    }
  }
  return added;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The wanted files of a folder or archive, one after the other. */
async function* contents(
  source: string,
  wanted: ReadonlySet<string>,
  limits: DownloadLimits,
): AsyncGenerator<{ path: string; read: () => Promise<Buffer> }> {
  if (statSync(source).isDirectory()) {
    for (const path of wanted) {
      const file = join(source, path);
      yield {
        path,
        read: () => (audioFileName.test(path) ? readAudioBytes(file) : Promise.resolve(readFileSync(file))),
      };
    }
    return;
  }
  for await (const { name: path, bytes } of archiveEntries(source, limits, {
    isWanted: (path) => wanted.has(path),
  }))
    yield { path, read: () => Promise.resolve(bytes) };
}
