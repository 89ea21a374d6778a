import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CorpusName, formatCount, messageOf, printable } from '../../../core/base';
import { explainFileError, fileErrorCode, paths, takeLock, writeFileAtomic } from '../../files';
import { hashFiles, type IndexOptions, listAudio } from '../audio-files';
import { corpusCards, type SideFile } from '../cards';
import { compareWithManifest, type ManifestEntry, readManifest } from '../committed-files';
import { downloadBytes } from './http';
import {
  defaultLimits,
  DownloadError,
  type DownloadOptions,
  type DownloadReport,
  type DownloadSettings,
  type SourceProgress,
} from './options';
import { openStaging, sha256Of, stageArchive, stageFiles } from './sources';

/**
 * Downloads a corpus from its public sources and verifies every clip against the manifest. The complete corpus is moved to
 * `<directory>/<corpus folder>` in one step; until then the files are in `<directory>/.partial/`, where a failed or interrupted
 * download resumes. If the corpus is already complete, nothing is downloaded. Only one process at a time downloads a corpus to a folder.
 *
 * @throws {@link DownloadError} if the sources do not have all clips, with the reason of each source, or if the corpus folder exists and
 *   is incomplete: existing folders are never changed; or if another process is downloading the corpus to this folder
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const report = await downloadCorpus('RAVDESS', { onProgress: ({ done, total }) => console.log(done, total) });
 * console.log(describeDownload(report).join('\n'));
 * ```
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
  const progressOf = (source: string) => (progress: SourceProgress) => {
    onProgress?.({ corpus: name, source, ...progress });
  };

  if (await isComplete()) {
    removeLeftovers();
    return report;
  }
  const lock = takeLock(`${work}.lock`);
  if ('heldBy' in lock) {
    throw new DownloadError(
      `${name}: ${lock.heldBy} is downloading it to ${directory}; wait until it has finished, or stop it, then run the same command again`,
    );
  }
  try {
    // Another process may have finished the download in the meantime.
    if ((await stat(target).catch(() => undefined)) && (await isComplete())) return report;
    await downloadMissing();
    return report;
  } catch (error) {
    throw explainFileError(error);
  } finally {
    lock.release();
    removeFolderIfEmpty(dirname(work));
  }

  async function isComplete(): Promise<boolean> {
    const complete = await findComplete(directory, manifest, {
      onProgress: (done, total) => {
        progressOf('')({ step: 'checking', unit: 'files', done, total });
      },
      signal,
    });
    if (complete === undefined) return false;
    report.status = 'already complete';
    report.directory = complete;
    if (complete === target) await completeSideFiles(directory);
    return true;
  }

  /** Deletes the leftovers of a process that was killed after it had completed the corpus. */
  function removeLeftovers(): void {
    if (!existsSync(dirname(work))) return;
    try {
      const lock = takeLock(`${work}.lock`);
      if ('heldBy' in lock) return;
      rmSync(work, { recursive: true, force: true });
      lock.release();
      removeFolderIfEmpty(dirname(work));
    } catch {
      // a read-only folder: the corpus is complete, and the leftovers stay
    }
  }

  async function downloadMissing(): Promise<void> {
    if (await stat(target).catch(() => undefined)) {
      throw new DownloadError(
        `${target}: it exists, but does not contain all ${manifest.length} clips of ${name}; move it away and download again`,
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
            ? await stageArchive(source, staging, work, settings, progressOf(source.name))
            : await stageFiles(source, staging, settings, progressOf(source.name));
        report.duplicates += leftovers.duplicates;
        report.ignored.push(...leftovers.ignored);
        const missing = staging.missing().length;
        if (missing > 0)
          addFailure(
            source.name,
            `${missing} of ${manifest.length} clips are missing or not the original`,
            staging.count(),
          );
      } catch (error) {
        signal?.throwIfAborted();
        if (fileErrorCode(error) !== undefined) throw error; // another source would not help
        addFailure(source.name, messageOf(error), staging.count());
      }
      if (staging.count() > before) report.sources.push(source.name);
    }
    const missing = staging.missing();
    if (missing.length > 0) {
      const reasons = report.failures.map(({ source, reason }) => `${source}: ${reason}`).join('; ');
      throw new DownloadError(
        `${name}: ${missing.length} of ${manifest.length} clips could not be downloaded: ${reasons || 'no sources were given'}`,
      );
    }
    await completeSideFiles(work);
    signal?.throwIfAborted();
    await rename(join(work, card.folder), target);
    rmSync(work, { recursive: true, force: true });
  }

  function addFailure(source: string, reason: string, done: number): void {
    report.failures.push({ source, reason });
    progressOf(source)({
      step: 'downloading',
      unit: 'files',
      done,
      total: manifest.length,
      note: reason,
    });
  }

  async function completeSideFiles(parent: string): Promise<void> {
    for (const { path, reason } of await downloadSideFiles(sideFiles, parent, settings)) {
      report.missingSideFiles.push(path);
      report.failures.push({ source: path, reason });
    }
  }
}

/** Another corpus may be downloaded at the same time. */
function removeFolderIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // not empty
  }
}

/** Describes a finished download: sources, skipped files and missing tables. */
export function describeDownload({
  corpus,
  status,
  clips,
  directory,
  sources,
  ignored,
  missingSideFiles,
}: DownloadReport): string[] {
  const lines = [
    status === 'already complete'
      ? `${corpus}: already complete, in ${directory}`
      : `${corpus}: ${formatCount(clips)} clips from ${sources.join(' and ')}, all verified, in ${directory}`,
  ];
  if (ignored.length > 0) {
    lines.push(
      `  skipped, not part of the corpus: ${ignored.length} files (${ignored.slice(0, 3).map(printable).join(', ')} …)`,
    );
  }
  if (missingSideFiles.length > 0) {
    lines.push(
      `  could not be downloaded: ${missingSideFiles.join(', ')}; run the same command to try again`,
    );
  }
  return lines;
}

/**
 * Looks for a complete copy of a corpus below a folder, in any layout. Only files with the name of a clip are read (`DC_a01.wav`, or
 * `DC/a01.wav` in the layout of SAVEE's publisher).
 *
 * @returns the folder of the copy, or undefined
 */
async function findComplete(
  directory: string,
  manifest: readonly ManifestEntry[],
  { onProgress, signal }: Pick<IndexOptions, 'onProgress' | 'signal'>,
): Promise<string | undefined> {
  const names = new Set(manifest.map(({ path }) => path.split('/').at(-1)?.toLowerCase()));
  const candidates = (await listAudio(directory, { onProblem: () => undefined })).filter((path) => {
    const [name, folder] = path.toLowerCase().split('/').reverse();
    return names.has(name) || names.has(`${folder}_${name}`);
  });
  if (candidates.length < manifest.length) return undefined;
  const { hashed } = await hashFiles(directory, candidates, { onProgress, signal });
  const { complete, matching } = compareWithManifest(hashed, manifest);
  if (!complete) return undefined;
  const folders = new Set(matching.map(({ path }) => path.split('/')[0]));
  return folders.size === 1 ? join(directory, ...folders) : directory;
}

/**
 * Downloads the missing tables of a corpus. A table that cannot be downloaded does not stop the others.
 *
 * @param parent - folder that the tables' paths are relative to
 * @returns the tables that could not be downloaded, with reasons
 */
async function downloadSideFiles(
  sideFiles: readonly SideFile[],
  parent: string,
  settings: DownloadSettings,
): Promise<{ path: string; reason: string }[]> {
  const missing: { path: string; reason: string }[] = [];
  for (const { path, url, sha256 } of sideFiles) {
    const target = join(parent, path);
    if (await stat(target).catch(() => undefined)) continue;
    try {
      const bytes = await downloadBytes(url, settings);
      const actual = sha256Of(bytes);
      if (actual !== sha256) throw new DownloadError(`its SHA-256 must be ${sha256}, got ${actual}`);
      await writeFileAtomic(target, bytes);
    } catch (error) {
      settings.signal?.throwIfAborted();
      missing.push({ path, reason: messageOf(error) });
    }
  }
  return missing;
}
