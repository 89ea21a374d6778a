import { posix } from 'node:path';
import {
  corpusFolder,
  csvCell,
  fileNamePart,
  InvalidFileError,
  messageOf,
  nameKey,
  uniqueName,
  withoutFormula,
} from '../../../core/base';
import type { LabelMap } from '../../../core/dataset';
import { archiveEntries } from '../download/archive';
import type { DownloadLimits } from '../download/options';
import { audioFileName } from '../readers/read-names';
import { isTable, parseLabelMap } from '../labels';
import { fileFinder, parseTable } from '../tables';

/** What `addArchives` did for one archive. */
export interface AddedArchive {
  archive: string;
  /** new recordings */
  added: number;
  /** recordings that the corpus already contained, byte for byte */
  present: number;
  /** newer versions of recordings of the same session */
  replaced: number;
  /** older versions of recordings of the same session, not used */
  outdated: number;
  /** lines and files that were not used, with the reasons */
  skipped: { path: string; reason: string }[];
}

/** A line of the table of an archive. */
interface ArchivedClip {
  /** entry of the archive */
  entry: string;
  /** path below the corpus folder, safe on all systems */
  path: string;
  /** the other cells by column */
  cells: Map<string, string>;
}

/** The corpus in an archive; the recordings are read later. */
export interface ArchivedCorpus {
  /** file name of the archive */
  archive: string;
  /** name of the corpus */
  name: string;
  /** columns of the table other than `path` */
  columns: string[];
  clips: ArchivedClip[];
  /** the map in the `labels.json` beside the table */
  labels?: LabelMap[string];
  /** lines that cannot be used, and recordings that no line lists, with the reasons */
  skipped: { path: string; reason: string }[];
}

const isLabelMap = (path: string): boolean => posix.basename(path) === 'labels.json';

/** What belongs to every archive of a recorded corpus, or is added by operating systems, and is not copied. */
const ignored = /(^|\/)(README\.txt|corpus\.json|\.[^/]*|__MACOSX\/.*|Thumbs\.db|desktop\.ini)$/i;

export const isIgnored = (path: string): boolean => ignored.test(path);

/**
 * Reads the table of a zip archive that contains a corpus: one `clips.csv` and the recordings that it lists. Nothing is written.
 *
 * @param name - name of the corpus; default: the folder of the table or, if there is none, the name of the archive
 * @throws {@link InvalidFileError} if the archive is damaged or unsafe, or does not contain exactly one table that can be used
 */
export async function readArchivedCorpus(
  file: string,
  { name, limits }: { name?: string; limits: DownloadLimits },
): Promise<ArchivedCorpus> {
  const refuse = (reason: string): InvalidFileError => new InvalidFileError(file, reason);
  const names: string[] = [];
  const read: { name: string; bytes: Buffer }[] = [];
  for await (const entry of archiveEntries(file, limits, {
    isWanted: (path) => {
      names.push(path);
      return (isTable(path) || isLabelMap(path)) && !isIgnored(path);
    },
  }))
    read.push(entry);
  const tables = read.filter((entry) => isTable(entry.name));
  const twice = firstRepeated(names);
  if (twice !== undefined) {
    throw refuse(
      `it contains ${JSON.stringify(twice)} twice, or with another letter case; rename one of them and make the archive again`,
    );
  }
  if (tables.length !== 1) {
    throw refuse(
      tables.length === 0
        ? 'it must contain a clips.csv that lists the recordings and their emotions, or recordings named by the rule of a known corpus; see data/README.md'
        : `it must contain one clips.csv, got ${tables.length}: ${tables
            .map((table) => table.name)
            .slice(0, 3)
            .join(', ')}; make a separate archive for each corpus`,
    );
  }
  const [{ name: table, bytes }] = tables;
  const folder = posix.dirname(table) === '.' ? '' : `${posix.dirname(table)}/`;
  const archive = posix.basename(file.replaceAll('\\', '/'));
  const { columns, lines } = parseTable(bytes, {
    name: `${archive}/${table}`,
    required: ['path', 'emotion'],
    optional: 'all',
  });
  const audio = names.filter((path) => audioFileName.test(path) && !isIgnored(path));
  const find = fileFinder('/', audio);
  const corpus: ArchivedCorpus = {
    archive,
    name: corpusFolder(
      name ?? (folder === '' ? archive.replace(/( ?\(\d+\))?\.zip$/i, '') : posix.basename(folder)),
    ),
    columns: columns.filter((column) => column !== 'path' && column !== ''),
    clips: [],
    skipped: [],
  };
  const labels = read.find((entry) => entry.name === `${folder}labels.json`);
  if (labels) corpus.labels = parseLabelMap(() => labels.bytes, labels.name, corpus.name);
  const listed = new Set<string>();
  for (const line of lines) {
    try {
      if (line.problem !== undefined) throw new Error(line.problem);
      const entry = find(table, line.cell('path'));
      if (!entry.startsWith(folder)) throw new Error('path must be below the folder of clips.csv');
      if (listed.has(entry)) throw new Error('another line has the same path');
      listed.add(entry);
      const cells = corpus.columns.map((column) => [column, withoutFormula(line.cell(column))] as const);
      corpus.clips.push({ entry, path: safePath(entry.slice(folder.length)), cells: new Map(cells) });
    } catch (error) {
      corpus.skipped.push({ path: `${table}, line ${line.line}`, reason: messageOf(error) });
    }
  }
  for (const path of names) {
    if (!listed.has(path) && !isTable(path) && path !== labels?.name && !isIgnored(path))
      corpus.skipped.push({ path, reason: 'it is not listed in clips.csv' });
  }
  if (corpus.clips.length === 0) {
    const [first] = corpus.skipped;
    throw refuse(`no line of clips.csv can be used, for example ${first.path}: ${first.reason}`);
  }
  return corpus;
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(nameKey(name)).size);
}

/** A path that every file system accepts, and whose parts do not start with a dot: such files are not loaded. */
export function safePath(path: string): string {
  const safe = /^(?!\.)[^<>:"|?*\\\p{C}\p{Zl}\p{Zp}]+(?<![. ])$/u;
  return path
    .split('/')
    .map((part) => {
      if (safe.test(part) && Buffer.byteLength(part) <= 200) return part;
      const extension = posix.extname(part);
      return fileNamePart(part.slice(0, part.length - extension.length)) + extension;
    })
    .join('/');
}

/** A line of the merged table. */
export interface MergedClip {
  path: string;
  /** the other cells by column */
  cells: Map<string, string>;
  /** empty if there is no such file that can be read; `path` is then as it was written in the table, and may lead anywhere */
  sha256: string;
  /** archive or folder that the line is from */
  source: string;
}

/** What happened to a recording of an archive. */
export type MergeAction = 'added' | 'present' | 'replaced' | 'outdated';

/** A speaker of that name is in several sources. */
export interface SharedSpeaker {
  speaker: string;
  sources: string[];
  /** the name that the speaker of the last source was given to keep them apart */
  renamedTo?: string;
}

/** Merges the lines of archives into one table. Paths stay unique, also where letter case is ignored. */
export interface TableMerger {
  /**
   * Adds a recording.
   *
   * @returns what happened; for `added` and `replaced` the path to write, and for `replaced` the path to delete, unless another line
   *   has it too
   */
  add: (
    corpus: Pick<ArchivedCorpus, 'archive'>,
    clip: ArchivedClip,
    sha256: string,
  ) => { action: MergeAction; path?: string; obsolete?: string };
  shared: () => SharedSpeaker[];
  /** the table as CSV */
  csv: () => string;
}

/** The table of an existing corpus. */
export interface ExistingTable {
  clips: MergedClip[];
  /** other than `path` */
  columns: string[];
  /** all files and folders of the corpus; no recording is written there */
  paths: string[];
}

/** The name of a speaker without the number that {@link mergeTables} appends to keep speakers apart. */
const withoutNumber = (speaker: string): string => speaker.replace(/ \(\d+\)$/, '');

/**
 * Creates a {@link TableMerger}.
 *
 * A recording is present already if bytes and labels are the same. The same prompt of the same recording session with other bytes is a
 * newer or an older version of it (column `recorded`), and the newer one stays. Everything else is added.
 *
 * Speakers with the same name in different sessions count as one person, so that no voice is in both training and test set, or are kept
 * apart under different names.
 */
export function mergeTables(
  before: ExistingTable,
  archives: readonly ArchivedCorpus[],
  { keepSpeakersApart }: { keepSpeakersApart: boolean },
): TableMerger {
  const columns = [...new Set([...before.columns, ...archives.flatMap((archive) => archive.columns)])];
  let clips = [...before.clips];
  const takenPaths = new Set([...before.paths, ...clips.map(({ path }) => path)].map(nameKey));
  const byContent = new Map<string, MergedClip>();
  const byPrompt = new Map<string, MergedClip>();
  /** name in the table of a speaker of a session */
  const names = new Map<string, string>();
  const shared = new Map<string, SharedSpeaker>();
  const cell = ({ cells }: Pick<MergedClip, 'cells'>, column: string): string => cells.get(column) ?? '';
  const key = (clip: Pick<MergedClip, 'cells'>, speaker: string, other: string): string =>
    JSON.stringify([speaker, cell(clip, 'emotion'), cell(clip, 'sentence'), cell(clip, 'take'), other]);
  /** Under the own name and under that before a number was appended. */
  const contentKeys = (clip: MergedClip): string[] => {
    const speaker = cell(clip, 'speaker');
    return [speaker, withoutNumber(speaker)].map((name) => key(clip, name, clip.sha256));
  };
  const promptKey = (clip: MergedClip): string => key(clip, cell(clip, 'speaker'), cell(clip, 'session'));
  /** The session, or the archive of a table without this column. */
  const sourceOf = (clip: Pick<MergedClip, 'cells'>, source: string): string =>
    cell(clip, 'session') || `in ${source}`;
  const enter = (clip: MergedClip): void => {
    for (const own of contentKeys(clip)) byContent.set(own, clip);
    if (cell(clip, 'session') !== '') byPrompt.set(promptKey(clip), clip);
  };
  /** sources of each speaker of the merged table: session or archive → name of the source for messages */
  const sources = new Map<string, Map<string, string>>();
  const enterSpeaker = (clip: MergedClip): void => {
    const speaker = cell(clip, 'speaker');
    const own = sources.get(speaker) ?? new Map<string, string>();
    sources.set(speaker, own.set(sourceOf(clip, clip.source), clip.source));
  };
  for (const clip of before.clips) {
    enter(clip);
    enterSpeaker(clip);
  }
  /** The name that a speaker of a session has in the existing table, perhaps with a number. */
  const earlierName = ({ cells }: ArchivedClip): string | undefined => {
    const [speaker, session] = [cell({ cells }, 'speaker'), cell({ cells }, 'session')];
    if (session === '') return undefined;
    const namesOf = (all: readonly Pick<MergedClip, 'cells'>[]): string[] =>
      all.filter((clip) => cell(clip, 'session') === session).map((clip) => cell(clip, 'speaker'));
    const earlier = namesOf(before.clips);
    if (earlier.includes(speaker)) return speaker;
    // A name with a number that the session itself contains is that of another speaker.
    const own = new Set(archives.flatMap((archive) => namesOf(archive.clips)));
    return earlier.find((name) => withoutNumber(name) === speaker && !own.has(name));
  };

  const idOf = (clip: ArchivedClip, archive: string): string =>
    JSON.stringify([cell(clip, 'speaker'), sourceOf(clip, archive)]);
  const nameOf = (clip: ArchivedClip, archive: string): string => {
    const speaker = cell(clip, 'speaker');
    if (speaker === '') return '';
    const source = sourceOf(clip, archive);
    const id = idOf(clip, archive);
    const given = names.get(id);
    if (given !== undefined) return given;
    const earlier = earlierName(clip);
    const others = sources.get(speaker);
    let name = earlier ?? speaker;
    if (earlier === undefined && others && !others.has(source)) {
      if (keepSpeakersApart) {
        for (let number = 2; sources.has(name); number++) name = `${speaker} (${number})`;
      }
      shared.set(id, {
        speaker,
        sources: [...new Set([...others.values(), archive])],
        ...(name !== speaker && { renamedTo: name }),
      });
    }
    names.set(id, name);
    return name;
  };

  return {
    add: ({ archive }, incoming, sha256) => {
      const present = byContent.get(key(incoming, cell(incoming, 'speaker'), sha256));
      if (present) {
        // Without sessions, a speaker with a number is recognised by such a recording.
        const id = idOf(incoming, archive);
        if (cell(incoming, 'session') === '' && !names.has(id)) names.set(id, cell(present, 'speaker'));
        return { action: 'present' };
      }
      const cells = new Map(incoming.cells).set('speaker', nameOf(incoming, archive));
      const clip: MergedClip = { path: incoming.path, cells, sha256, source: archive };
      const version = cell(clip, 'session') === '' ? undefined : byPrompt.get(promptKey(clip));
      if (version) {
        // A line without a readable file is replaced by any version.
        if (version.sha256 !== '' && cell(version, 'recorded') >= cell(clip, 'recorded'))
          return { action: 'outdated' };
        clips = clips.filter((other) => other !== version);
        for (const own of contentKeys(version)) byContent.delete(own);
      }
      clip.path = uniqueName(incoming.path, takenPaths);
      clips.push(clip);
      enter(clip);
      enterSpeaker(clip);
      if (!version || version.sha256 === '') return { action: 'added', path: clip.path };
      const isUsed = clips.some(({ path }) => path === version.path);
      return { action: 'replaced', path: clip.path, ...(!isUsed && { obsolete: version.path }) };
    },
    shared: () => [...shared.values()],
    csv: () => {
      const used = ['path', ...columns];
      const lines = clips.map((clip) =>
        used.map((column) => csvCell(column === 'path' ? clip.path : cell(clip, column))).join(','),
      );
      return `\uFEFF${[used.map(csvCell).join(','), ...lines].join('\n')}\n`;
    },
  };
}
