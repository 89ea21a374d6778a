import { posix } from 'node:path';
import {
  corpusFolder,
  fileNamePart,
  InvalidFileError,
  messageOf,
  nameKey,
  withoutFormula,
} from '../../../core/base';
import { audioFileName } from '../file-names';
import { archiveEntries } from '../download/archive';
import type { DownloadLimits } from '../download/options';
import { fileFinder, isTable } from '../labels';
import { parseTable } from '../tables';

/** A line of the table of an archive. */
export interface ArchivedClip {
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
  /** lines that cannot be used, and recordings that no line lists, with the reasons */
  skipped: { path: string; reason: string }[];
}

/** What belongs to every archive of a recorded corpus, or is added by operating systems, and is not copied. */
const ignored = /(^|\/)(README\.txt|corpus\.json|\.[^/]*|__MACOSX\/.*|Thumbs\.db|desktop\.ini)$/i;

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
  const tables: { name: string; bytes: Buffer }[] = [];
  for await (const entry of archiveEntries(file, limits, {
    isWanted: (path) => {
      names.push(path);
      return isTable(path) && !ignored.test(path);
    },
  }))
    tables.push(entry);
  const twice = firstRepeated(names);
  if (twice !== undefined) {
    throw refuse(
      `it contains ${JSON.stringify(twice)} twice, or with another letter case; make the archive again`,
    );
  }
  if (tables.length !== 1) {
    throw refuse(
      tables.length === 0
        ? 'it must contain a clips.csv that lists the recordings and their emotions; see data/README.md'
        : `it must contain one clips.csv, got ${tables.length}: ${tables
            .map((table) => table.name)
            .slice(0, 3)
            .join(', ')}; make an archive of each corpus`,
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
  const audio = names.filter((path) => audioFileName.test(path) && !ignored.test(path));
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
    if (!listed.has(path) && !isTable(path) && !ignored.test(path))
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
function safePath(path: string): string {
  const safe = /^(?!\.)[^<>:"|?*\\\p{C}]+(?<![. ])$/u;
  return path
    .split('/')
    .map((part) => {
      if (safe.test(part) && Buffer.byteLength(part) <= 200) return part;
      const extension = posix.extname(part);
      return fileNamePart(part.slice(0, part.length - extension.length)) + extension;
    })
    .join('/');
}
