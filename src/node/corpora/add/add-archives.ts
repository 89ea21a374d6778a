import { createHash } from 'node:crypto';
import { constants, existsSync, realpathSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join, posix } from 'node:path';
import {
  countOf,
  formatCount,
  groupBy,
  InvalidArgumentError,
  InvalidFileError,
  nameKey,
  WorkbenchError,
} from '../../../core/base';
import { fileErrorReason, paths, writeInFolder } from '../../files';
import { hashFile, listFiles } from '../audio-files';
import { audioFileName } from '../readers/read-names';
import { archiveEntries } from '../download/archive';
import { defaultLimits, type DownloadLimits } from '../download/options';
import { readLabelMap } from '../labels';
import type { LoadReport } from '../load-report';
import { fileFinder, findInFolder, readTable } from '../tables';
import {
  type AddedArchive,
  type ArchivedCorpus,
  type ExistingTable,
  type MergedClip,
  mergeTables,
  readArchivedCorpus,
  type SharedSpeaker,
} from './archived-corpus';
import { changeCorpus, filesWithoutLinks } from './change-corpus';
import { addPublished, type PublishedSource, readPublishedSource } from './published-corpus';

/** Options of {@link addArchives}. */
export interface AddOptions {
  /** parent of the corpus folders; default `data/corpora` */
  directory?: string;
  /** name of the corpus, instead of the names in the archives */
  name?: string;
  /** give speakers with the same name in different recording sessions different names; default: they are one person */
  keepSpeakersApart?: boolean;
  limits?: Partial<DownloadLimits>;
  onProgress?: (corpus: string, done: number, total: number) => void;
  /** stops the work; the corpus is then unchanged */
  signal?: AbortSignal;
}

/** What {@link addArchives} did for one corpus. */
export interface AddedCorpus {
  corpus: string;
  folder: string;
  archives: AddedArchive[];
  sharedSpeakers: SharedSpeaker[];
  /** how the workbench loads the corpus */
  report: LoadReport;
}

/** The result of {@link addArchives}. */
export interface AddReport {
  corpora: AddedCorpus[];
  /** archives and corpora that were not added, with the reasons */
  failures: { name: string; reason: string }[];
}

/**
 * Adds recordings to the corpora of the workbench: ZIP archives with a `clips.csv`, such as those of the live page, and folders or ZIP
 * archives of a published corpus that is recognised by its file names. Archives of the same corpus are merged with each other and with
 * the recordings that are already there. A corpus is changed completely or not at all. An archive that cannot be used is reported, and
 * the others are added.
 *
 * @param files - paths of archives and folders
 * @throws {@link WorkbenchError} if another process is adding to the same corpus
 * @throws the signal's reason if it is aborted
 * @example
 * ```ts
 * const { corpora, failures } = await addArchives(['anna.zip', 'ben.zip']);
 * ```
 */
export async function addArchives(files: readonly string[], options: AddOptions = {}): Promise<AddReport> {
  const { directory = paths.corpora, name, signal } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const report: AddReport = { corpora: [], failures: [] };
  const found: (ArchivedCorpus & { file: string })[] = [];
  const published: PublishedSource[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    try {
      const source = await readPublishedSource(file, limits);
      if (source && name !== undefined) {
        const rule = `archives with a clips.csv; the name of the corpus in ${file} is ${source.name}`;
        throw new InvalidArgumentError('name', `used with ${rule}`, name);
      }
      if (source) published.push(source);
      else {
        const archive = await readArchivedCorpus(file, { ...(name !== undefined && { name }), limits });
        found.push({ ...archive, file });
      }
    } catch (error) {
      report.failures.push({ name: file, reason: reasonOf(error) });
    }
  }
  const settings = { ...options, limits };
  const tasks: [corpus: string, add: () => Promise<AddedCorpus>][] = [
    ...[...groupBy(found, (corpus) => nameKey(corpus.name)).values()].map((own): (typeof tasks)[number] => [
      own[0].name,
      () => addToCorpus(directory, own, settings),
    ]),
    ...[...groupBy(published, (corpus) => corpus.name).values()].map((own): (typeof tasks)[number] => [
      own[0].name,
      () => addPublishedCorpus(directory, own, settings),
    ]),
  ];
  for (const [corpus, add] of tasks) {
    try {
      report.corpora.push(await add());
    } catch (error) {
      signal?.throwIfAborted();
      report.failures.push({ name: `the corpus ${corpus}`, reason: reasonOf(error) });
    }
  }
  return report;
}

const reasonOf = (error: unknown): string =>
  error instanceof InvalidFileError ? error.reason : fileErrorReason(error);

async function addToCorpus(
  directory: string,
  archives: readonly (ArchivedCorpus & { file: string })[],
  { keepSpeakersApart = false, limits, onProgress, signal }: AddOptions & { limits: DownloadLimits },
): Promise<AddedCorpus> {
  const { name } = archives[0];
  const { result, ...changed } = await changeCorpus(
    directory,
    name,
    async ({ folder, complete }) => {
      const before = await copyExisting(folder, complete, signal);
      const merger = mergeTables(before, archives, { keepSpeakersApart });
      const added: AddedArchive[] = [];
      for (const corpus of archives) {
        const counts = { added: 0, present: 0, replaced: 0, outdated: 0 };
        const clips = new Map(corpus.clips.map((clip) => [clip.entry, clip]));
        let done = 0;
        const wanted = { isWanted: (path: string) => clips.has(path) };
        for await (const { name: entry, bytes } of archiveEntries(corpus.file, limits, wanted)) {
          signal?.throwIfAborted();
          const sha256 = createHash('sha256').update(bytes).digest('hex');
          const { action, path, obsolete } = merger.add(corpus, clips.get(entry)!, sha256);
          counts[action]++;
          if (obsolete !== undefined) rmSync(join(complete, obsolete), { force: true });
          if (path !== undefined) writeInFolder(complete, path, bytes);
          onProgress?.(name, ++done, clips.size);
        }
        added.push({ archive: corpus.archive, ...counts, skipped: corpus.skipped });
      }
      addLabelMaps(complete, archives, added);
      writeInFolder(complete, 'clips.csv', merger.csv());
      return { archives: added, sharedSpeakers: merger.shared() };
    },
    signal,
  );
  return { ...changed, ...result };
}

/** Adds the label maps of archives to that of the corpus, which takes precedence, as do those of earlier archives. */
function addLabelMaps(
  folder: string,
  archives: readonly ArchivedCorpus[],
  added: readonly AddedArchive[],
): void {
  const before = readLabelMap(folder, 'labels.json', archives[0].name);
  const rules = new Map(Object.entries(before ?? {}));
  for (const [i, { labels = {} }] of archives.entries()) {
    for (const [label, name] of Object.entries(labels)) {
      const known = rules.get(label);
      if (known === undefined) rules.set(label, name);
      else if (known !== name)
        added[i].skipped.push({
          path: `labels.json, ${label}`,
          reason: `the corpus maps it to ${known ?? 'no class'}, not to ${name ?? 'no class'}; edit labels.json in the folder of the corpus to change that`,
        });
    }
  }
  if (rules.size > Object.keys(before ?? {}).length)
    writeInFolder(folder, 'labels.json', `${JSON.stringify(Object.fromEntries(rules), undefined, 2)}\n`);
}

async function addPublishedCorpus(
  directory: string,
  sources: readonly PublishedSource[],
  { limits, onProgress, signal }: AddOptions & { limits: DownloadLimits },
): Promise<AddedCorpus> {
  const { name } = sources[0];
  const { result, ...changed } = await changeCorpus(
    directory,
    name,
    (folders) =>
      addPublished(sources, folders, {
        limits,
        onProgress: (done, total) => onProgress?.(name, done, total),
        ...(signal && { signal }),
      }),
    signal,
  );
  return { ...changed, archives: result, sharedSpeakers: [] };
}

/**
 * Copies an existing corpus, without its table, which is written again.
 *
 * @returns its lines, columns and files; none if there is no such folder
 * @throws {@link WorkbenchError} if the folder is not a corpus with a `clips.csv`, or contains links
 */
async function copyExisting(folder: string, target: string, signal?: AbortSignal): Promise<ExistingTable> {
  if (!existsSync(folder)) return { clips: [], columns: [], paths: [] };
  const table = findInFolder(folder, 'clips.csv');
  if (table === undefined) {
    throw new WorkbenchError(
      `${folder}: it exists, but has no clips.csv, so nothing can be added; choose another name with --name`,
    );
  }
  const paths = filesWithoutLinks(folder);
  const { columns, lines } = readTable(table, { required: ['path', 'emotion'], optional: 'all' });
  const audio = await listFiles(folder, audioFileName);
  const find = fileFinder(folder, audio);
  const others = columns.filter((column) => column !== 'path' && column !== '');
  const clips: MergedClip[] = [];
  for (const line of lines) {
    signal?.throwIfAborted();
    const cells = new Map(others.map((column) => [column, line.cell(column)]));
    let [path, sha256] = [line.cell('path'), ''];
    try {
      path = find('clips.csv', path);
      sha256 = await hashFile(join(folder, path), signal && { signal });
    } catch {
      // Lines that cannot be used stay as they are; loading the corpus reports them.
    }
    clips.push({ path, cells, sha256, source: posix.basename(folder) });
  }
  // The folder itself may be a link: its target is copied, and replaced in the end.
  await cp(realpathSync(folder), target, { recursive: true, mode: constants.COPYFILE_FICLONE });
  rmSync(join(target, posix.basename(table)));
  return { clips, columns: others, paths: paths.map((path) => path.replaceAll('\\', '/')) };
}

/** Describes the result for the terminal. */
export function describeAdded({ corpora, failures }: AddReport): string[] {
  return [
    ...corpora.flatMap(({ corpus, folder, archives, sharedSpeakers }) => [
      `${corpus}, in ${folder}`,
      ...archives.flatMap(({ archive, skipped, ...counts }) => [
        `  ${archive}: ${describeCounts(counts)}`,
        ...skipped.slice(0, 5).map(({ path, reason }) => `    not used: ${path}: ${reason}`),
        ...(skipped.length > 5 ? [`    … ${skipped.length - 5} more not used`] : []),
      ]),
      ...sharedSpeakers.map(({ speaker, sources, renamedTo }) =>
        renamedTo === undefined
          ? `  speaker ${speaker} is in ${sources.join(' and ')}, and counts as one person; if they are different people, delete the folder and add all archives again with --keep-speakers-apart`
          : `  speaker ${speaker} is in ${sources.join(' and ')}; the speaker of the last one is now called ${renamedTo}`,
      ),
    ]),
    ...failures.map(({ name, reason }) => `not added: ${name}: ${reason}`),
  ];
}

function describeCounts({
  added,
  present,
  replaced,
  outdated,
}: Record<'added' | 'present' | 'replaced' | 'outdated', number>): string {
  const parts = [
    `${countOf(added, 'recording')} added`,
    ...(replaced > 0
      ? [`${formatCount(replaced)} replaced by ${replaced === 1 ? 'a newer version' : 'newer versions'}`]
      : []),
    ...(present > 0 ? [`${formatCount(present)} ${present === 1 ? 'was' : 'were'} there already`] : []),
    ...(outdated > 0 ? [`${formatCount(outdated)} not used, because a newer version is there`] : []),
  ];
  return parts.join(', ');
}
