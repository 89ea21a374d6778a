import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidFileError } from '../../../core/base';
import { archiveEntries } from './archive-entries';
import { DownloadError } from './download-error';
import { downloadFile } from './download-file';
import { hashFile } from './hash-file';
import type { DownloadProgress, DownloadSettings } from './options';
import type { ArchiveSource } from './source';
import type { Staging } from './staging';

/** Files of a source that were not clips to keep. */
export interface Leftovers {
  duplicates: number;
  ignored: string[];
}

/**
 * Downloads an archive (or goes on), checks it, and puts its clips into the staging folder. The archive is deleted when
 * it is done with, or is not what it should be; it stays when the caller aborts.
 *
 * @param work - where the archive and its part lie
 * @throws DownloadError or InvalidFileError when it cannot be had, has the wrong digest, or is damaged or unsafe
 */
export async function takeArchive(
  source: ArchiveSource,
  staging: Staging,
  work: string,
  settings: DownloadSettings,
  onProgress: (progress: Pick<DownloadProgress, 'step' | 'unit' | 'done' | 'total' | 'note'>) => void,
): Promise<Leftovers> {
  const { signal, limits } = settings;
  // A name of its own for each address, so that one source never continues another's part.
  const archive = join(work, `${createHash('sha256').update(source.url).digest('hex').slice(0, 12)}.zip`);
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
          `the archive's ${algorithm.toUpperCase()} is ${actual}, the publisher states ${hex}`,
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
