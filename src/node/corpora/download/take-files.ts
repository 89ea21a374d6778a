import { messageOf } from '../../../core/base';
import { downloadBytes } from './download-bytes';
import { DownloadError } from './download-error';
import type { DownloadProgress, DownloadSettings } from './options';
import { runParallel } from './run-parallel';
import type { FilesSource } from './source';
import type { Staging } from './staging';
import type { Leftovers } from './take-archive';

/** So many clips may fail before the source is given up. */
const toleratedFailures = 5;

/**
 * Downloads the clips that are still missing, each by its manifest name, a few at a time, into the staging folder.
 *
 * @returns names of files whose content was not the corpus's, which are not kept
 * @throws DownloadError when more than a few clips cannot be had
 */
export async function takeFiles(
  source: FilesSource,
  staging: Staging,
  settings: DownloadSettings,
  onProgress: (progress: Pick<DownloadProgress, 'step' | 'unit' | 'done' | 'total' | 'note'>) => void,
): Promise<Leftovers> {
  const leftovers: Leftovers = { duplicates: 0, ignored: [] };
  const total = staging.count() + staging.missing().length;
  const failures: string[] = [];
  const report = (note?: string) => {
    onProgress({ step: 'downloading', unit: 'files', done: staging.count(), total, note });
  };
  await runParallel(staging.missing(), settings.limits.parallel, async ({ path }) => {
    settings.signal?.throwIfAborted();
    const name = path.slice(path.lastIndexOf('/') + 1);
    try {
      const bytes = await downloadBytes(source.baseUrl + encodeURIComponent(name), settings);
      if ((await staging.place(bytes)) === 'unknown') {
        leftovers.ignored.push(name);
        throw new DownloadError('not the clip of the manifest (other SHA-256)');
      }
      report();
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      if (failures.length === toleratedFailures) {
        throw new DownloadError(
          `more than ${toleratedFailures} clips could not be had, the first: ${failures[0]}`,
        );
      }
      failures.push(`${name}: ${messageOf(error)}`);
      report(failures.at(-1));
    }
  });
  return leftovers;
}
