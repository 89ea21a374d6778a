import { mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CorpusName, messageOf } from '../../../core/base';
import { paths } from '../../files';
import { corpusCards } from '../cards';
import { readManifest } from '../manifest';
import { addSideFiles } from './add-side-files';
import { DownloadError } from './download-error';
import { findComplete } from './find-complete';
import {
  defaultLimits,
  type DownloadOptions,
  type DownloadProgress,
  type DownloadReport,
  type DownloadSettings,
} from './options';
import { openStaging } from './staging';
import { takeArchive } from './take-archive';
import { takeFiles } from './take-files';

/**
 * Downloads one corpus from its public sources, checks every clip against the manifest and puts it, whole, in
 * `<directory>/<corpus folder>` in one step. Until then all work lies in `<directory>/.partial/`, where a failed or
 * interrupted download goes on the next time. A corpus that is complete already is left alone.
 *
 * @throws DownloadError when no source gives every clip (it says how many are missing, and why), or when the corpus
 *   folder exists and is not complete: it is the user's, and is neither filled up nor replaced
 * @throws the signal's reason when the caller aborts
 */
export async function downloadCorpus(
  name: CorpusName,
  options: DownloadOptions = {},
): Promise<DownloadReport> {
  const card = corpusCards[name];
  const {
    directory = paths.corpora,
    sources = card.sources,
    manifest = readManifest(name),
    sideFiles = card.sideFiles,
    signal,
    onProgress,
  } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const settings: DownloadSettings = { fetch: options.fetch ?? globalThis.fetch, signal, limits };
  const target = join(directory, card.folder);
  const work = join(directory, '.partial', card.folder);
  const report: DownloadReport = {
    corpus: name,
    status: 'downloaded',
    directory: target,
    clips: manifest.length,
    sources: [],
    failures: [],
    duplicates: 0,
    ignored: [],
    missingSideFiles: [],
  };
  const tell = (source: string) => (progress: Omit<DownloadProgress, 'corpus' | 'source'>) => {
    onProgress?.({ corpus: name, source, ...progress });
  };

  const complete = await findComplete(directory, manifest, {
    onProgress: (done, total) => {
      tell('')({ step: 'checking', unit: 'files', done, total });
    },
    signal,
  });
  if (complete !== undefined) {
    report.status = 'already complete';
    report.directory = complete;
    if (complete === target) await completeSideFiles(directory);
    return report;
  }
  if (await stat(target).catch(() => undefined)) {
    throw new DownloadError(
      `${target} exists, but does not hold all ${manifest.length} clips of ${name}; move it away, then download again`,
    );
  }

  await mkdir(work, { recursive: true });
  const staging = await openStaging(work, manifest, sideFiles, signal);
  for (const source of sources) {
    if (staging.missing().length === 0) break;
    const before = staging.count();
    try {
      const leftovers =
        source.kind === 'archive'
          ? await takeArchive(source, staging, work, settings, tell(source.name))
          : await takeFiles(source, staging, settings, tell(source.name));
      report.duplicates += leftovers.duplicates;
      report.ignored.push(...leftovers.ignored);
      const missing = staging.missing().length;
      if (missing > 0)
        fail(source.name, `${missing} of ${manifest.length} clips are not there, or are not the original`);
    } catch (error) {
      signal?.throwIfAborted();
      fail(source.name, messageOf(error));
    }
    if (staging.count() > before) report.sources.push(source.name);
  }
  const missing = staging.missing();
  if (missing.length > 0) {
    const reasons = report.failures.map(({ source, reason }) => `${source}: ${reason}`).join('; ');
    throw new DownloadError(
      `${name}: ${missing.length} of ${manifest.length} clips could not be downloaded. ${reasons || 'No source was given.'}`,
    );
  }
  await completeSideFiles(work);
  signal?.throwIfAborted();
  await rename(join(work, card.folder), target);
  await rm(work, { recursive: true, force: true });
  await rmdir(dirname(work)).catch(() => undefined); // stays when another corpus is under way
  return report;

  function fail(source: string, reason: string): void {
    report.failures.push({ source, reason });
    tell(source)({
      step: 'downloading',
      unit: 'files',
      done: staging.count(),
      total: manifest.length,
      note: reason,
    });
  }

  async function completeSideFiles(parent: string): Promise<void> {
    for (const { path, reason } of await addSideFiles(sideFiles, parent, settings)) {
      report.missingSideFiles.push(path);
      report.failures.push({ source: path, reason });
    }
  }
}
