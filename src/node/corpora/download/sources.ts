import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { InvalidFileError } from '../../../core/base';
import { writeFileAtomic } from '../../files';
import { hashFile, hashFiles } from '../audio-files';
import type { ArchiveSource, FilesSource } from '../cards';
import { groupByHash, type ManifestEntry } from '../committed-files';
import { archiveEntries } from './archive';
import { downloadBytes, downloadFile } from './http';
import { DownloadError, type DownloadSettings, type SourceProgress } from './options';

/** The clips of a corpus downloaded so far, all verified, in a folder that `loadCorpora` does not read. */
export interface Staging {
  /** clips still to download, in manifest order */
  missing: () => ManifestEntry[];
  /** number of downloaded clips */
  count: () => number;
  /**
   * Writes the bytes if they are a missing clip (or two clips with the same audio).
   *
   * @returns whether they are a new clip, a clip that is already there, or not part of the corpus
   */
  place: (bytes: Buffer) => Promise<'placed' | 'duplicate' | 'unknown'>;
}

/**
 * Opens the staging folder. Clips of an earlier download are kept if their content matches the manifest.
 *
 * @param folder - parent of the manifest's paths
 * @param sideFiles - also kept if a source contains them, but not counted
 */
export async function openStaging(
  folder: string,
  manifest: readonly ManifestEntry[],
  sideFiles: readonly { path: string; sha256: string }[],
  signal?: AbortSignal,
): Promise<Staging> {
  const byHash = groupByHash([...manifest, ...sideFiles]);
  const expected = new Map(manifest.map(({ path, sha256 }) => [path, sha256]));
  const present = new Set<string>();
  const { hashed } = await hashFiles(folder, [...expected.keys()], { signal });
  for (const { path, sha256 } of hashed) {
    if (expected.get(path) === sha256) present.add(path);
    else await rm(join(folder, path));
  }
  return {
    missing: () => manifest.filter(({ path }) => !present.has(path)),
    count: () => [...present].filter((path) => expected.has(path)).length,
    place: async (bytes) => {
      const entries = byHash.get(sha256Of(bytes));
      if (!entries) return 'unknown';
      const absent = entries.filter(({ path }) => !present.has(path));
      // Reserved before the first await: two requests can deliver the same audio at the same time.
      for (const { path } of absent) present.add(path);
      try {
        for (const { path } of absent) await writeFileAtomic(join(folder, path), bytes);
      } catch (error) {
        for (const { path } of absent) present.delete(path);
        throw error;
      }
      return absent.length > 0 ? 'placed' : 'duplicate';
    },
  };
}

/** SHA-256, lower-case hex. */
export function sha256Of(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Files of a source that were not kept. */
export interface Leftovers {
  /** number of further copies of clips */
  duplicates: number;
  /** names of files that are not part of the corpus */
  ignored: string[];
}

/**
 * Downloads an archive or resumes its download, verifies it, and moves its clips to the staging folder. The archive is deleted at the
 * end and if it is invalid, but kept when the caller aborts.
 *
 * @param work - folder for the archive and its parts
 * @throws {@link DownloadError} if the archive cannot be downloaded, has another digest than published, or is damaged or unsafe
 */
export async function stageArchive(
  source: ArchiveSource,
  staging: Staging,
  work: string,
  settings: DownloadSettings,
  onProgress: (progress: SourceProgress) => void,
): Promise<Leftovers> {
  const { signal, limits } = settings;
  // Each address has its own file name, so that one source never continues the part of another.
  const archive = join(work, `${sha256Of(source.url).slice(0, 12)}.zip`);
  let bytes = { done: 0, total: source.bytes };
  await downloadFile(source.url, archive, settings, {
    expectedBytes: source.bytes,
    onBytes: (done, total) => {
      bytes = { done, total: total ?? source.bytes };
      onProgress({ step: 'downloading', unit: 'bytes', ...bytes });
    },
    onNote: (note) => {
      onProgress({ step: 'downloading', unit: 'bytes', ...bytes, note });
    },
  });

  const leftovers: Leftovers = { duplicates: 0, ignored: [] };
  try {
    if (source.digest) {
      const { algorithm, hex } = source.digest;
      const actual = await hashFile(archive, { algorithm, signal });
      if (actual !== hex) {
        throw new DownloadError(
          `the archive must have the published ${algorithm.toUpperCase()} ${hex}, got ${actual}`,
        );
      }
    }
    for await (const entry of archiveEntries(archive, limits)) {
      signal?.throwIfAborted();
      const kind = await staging.place(entry.bytes);
      if (kind === 'duplicate') leftovers.duplicates++;
      else if (kind === 'unknown') leftovers.ignored.push(entry.name);
      onProgress({ step: 'unpacking', unit: 'files', done: entry.number, total: entry.count });
    }
  } catch (error) {
    if (error instanceof InvalidFileError || error instanceof DownloadError)
      await rm(archive, { force: true });
    throw error instanceof InvalidFileError ? new DownloadError(error.reason) : error;
  }
  await rm(archive);
  return leftovers;
}

/** Clips that may fail before the source is given up. */
const toleratedFailures = 5;

/**
 * Downloads the missing clips one by one, a few in parallel, into the staging folder.
 *
 * @returns `ignored`: names of files with other content than in the manifest, which are not kept
 * @throws {@link DownloadError} if more than a few clips cannot be downloaded; requests in progress are completed first
 * @throws the signal's reason if it is aborted
 */
export async function stageFiles(
  source: FilesSource,
  staging: Staging,
  settings: DownloadSettings,
  onProgress: (progress: SourceProgress) => void,
): Promise<Leftovers> {
  const { signal, limits } = settings;
  const leftovers: Leftovers = { duplicates: 0, ignored: [] };
  const total = staging.count() + staging.missing().length;
  const failures: string[] = [];
  const report = (note?: string) => {
    onProgress({ step: 'downloading', unit: 'files', done: staging.count(), total, note });
  };
  const stageClip = async ({ path }: ManifestEntry): Promise<void> => {
    if (signal?.aborted || failures.length > toleratedFailures) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    try {
      const bytes = await downloadBytes(source.baseUrl + encodeURIComponent(name), settings);
      if ((await staging.place(bytes)) === 'unknown') {
        leftovers.ignored.push(name);
        throw new DownloadError('its SHA-256 differs from the manifest');
      }
      report();
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof DownloadError)) throw error;
      failures.push(`${name}: ${error.message}`);
      if (failures.length <= toleratedFailures) report(failures.at(-1));
    }
  };
  await pMap(staging.missing(), stageClip, { concurrency: limits.parallel });
  signal?.throwIfAborted();
  if (failures.length > toleratedFailures) {
    throw new DownloadError(
      `more than ${toleratedFailures} clips could not be downloaded; the first, ${failures[0]}`,
    );
  }
  return leftovers;
}
