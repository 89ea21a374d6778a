import type { InfoRecord } from 'csv-parse';
import { type Options, parse } from 'csv-parse/sync';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { firstOf, groupBy, InvalidFileError, messageOf, quoted } from '../../core/base';
import { fileErrorReason } from '../files';

/** A line below the heading. */
export interface TableLine {
  /** from 1; the heading is counted */
  line: number;
  /** the cell of a column, trimmed and in Unicode form NFC; empty if the table does not have the column */
  cell: (column: string) => string;
  /** why the line cannot be used */
  problem?: string;
}

/** A CSV table that was read. */
export interface Table {
  /** names of the columns, as compared: lower case, without spaces and quotes around them */
  columns: string[];
  lines: TableLine[];
  /** unexpected properties of the file, such as another encoding */
  remarks: string[];
}

/** The columns that are read. */
export interface TableColumns {
  required: readonly (string | readonly string[])[];
  optional?: readonly string[] | 'all';
}

/** Maximum size of a table, in bytes: more than a million lines of typical length. */
const maxBytes = 2 ** 28;
/** Maximum length of a line, in bytes. */
const maxLineBytes = 2 ** 20;

const separators = [',', ';', '\t', '|'];

/**
 * Reads a CSV table as written by spreadsheet programs: separated by commas, semicolons, tabs or vertical bars, in UTF-8, UTF-16 or
 * Windows-1252. Letter case, and spaces and quotes around column names are ignored.
 *
 * @param path - the file
 * @param options.name - the file's name in messages
 * @param options.required - columns that must be present; an empty name is a column without a name, a list names alternatives
 * @param options.optional - further columns that are read, or `all`
 * @throws {@link InvalidFileError} if it cannot be read, is not a table, lacks a required column or has a column twice
 */
export function readTable(
  path: string,
  { name = path, required, optional = [] }: { name?: string } & TableColumns,
): Table {
  let bytes: Buffer;
  try {
    bytes = readSmallFile(path, maxBytes);
  } catch (error) {
    throw new InvalidFileError(name, fileErrorReason(error));
  }
  return parseTable(bytes, { name, required, optional });
}

/**
 * Reads a table like {@link readTable}, from memory.
 */
export function parseTable(
  bytes: Buffer,
  { name, required, optional = [] }: { name: string } & TableColumns,
): Table {
  const refuse = (reason: string): InvalidFileError => new InvalidFileError(name, reason);
  const remarks: string[] = [];
  const decoded = decodeText(bytes);
  if (decoded === undefined) throw refuse('it is not a text file; save it as CSV in UTF-8');
  if (decoded.remark) remarks.push(`${name}: ${decoded.remark}`);
  // The first line "sep=;" tells spreadsheet programs the separator.
  const [preamble = '', stated] = /^"?sep=(.)"?\n/i.exec(decoded.text) ?? [];
  const text = decoded.text.slice(preamble.length);
  if (text.trim() === '') throw refuse('it is empty');

  try {
    const { separator, columns } = findColumns(text, stated, required);
    const places = new Map<string, number>();
    for (const column of optional === 'all' ? columns : [...required.flat(), ...optional]) {
      const key = columnKey(column);
      const place = columns.indexOf(key);
      if (place < 0) continue;
      // Several columns without a name are common: row numbers, empty columns.
      if (key !== '' && columns.includes(key, place + 1)) {
        throw refuse(`it has the column ${column} twice; rename or delete one`);
      }
      places.set(column, place);
    }
    const records = parseLines(text, separator);
    const lines = records.slice(1).map(({ record, line }): TableLine => {
      const isComplete =
        record.length >= columns.length && record.slice(columns.length).every((cell) => cell === '');
      return {
        line: line + (preamble === '' ? 0 : 1),
        cell: (column) => record[places.get(column) ?? -1]?.normalize('NFC').trim() ?? '',
        ...(!isComplete && { problem: `it must have ${columns.length} cells like the first line` }),
      };
    });
    if (lines.length === 0) throw refuse('it has no lines below the heading');
    return { columns, lines, remarks };
  } catch (error) {
    throw error instanceof InvalidFileError ? error : refuse(`it is not a CSV table: ${messageOf(error)}`);
  }

  function findColumns(
    content: string,
    preferred: string | undefined,
    wanted: TableColumns['required'],
  ): { separator: string; columns: string[] } {
    const candidates: { separator: string; columns: string[]; missing: TableColumns['required'] }[] = [];
    let failure: unknown;
    for (const separator of preferred === undefined ? separators : [preferred]) {
      try {
        const first = parseLines(content, separator, 1).at(0);
        const columns = (first?.record ?? []).map(columnKey);
        // Spreadsheet programs append empty columns.
        while (columns.length > 1 && columns.at(-1) === '') columns.pop();
        const missing = wanted.filter(
          (names) => ![names].flat().some((column) => columns.includes(columnKey(column))),
        );
        if (missing.length === 0) return { separator, columns };
        candidates.push({ separator, columns, missing });
      } catch (error) {
        failure ??= error; // quotes that do not match this separator
      }
    }
    if (candidates.length === 0) throw failure;
    const nearest = candidates.toSorted((a, b) => a.missing.length - b.missing.length)[0];
    const present = candidates.toSorted((a, b) => b.columns.length - a.columns.length)[0].columns;
    throw refuse(
      `it must have the columns ${listed(wanted)}; ${listed(nearest.missing)} missing, found: ${listed(present)}` +
        (present.length === 1 ? '; separate the columns by commas, semicolons or tabs' : ''),
    );
  }
}

interface ParsedLine {
  record: string[];
  /** from 1 */
  line: number;
}

const asLine = (record: string[], { lines }: InfoRecord): ParsedLine => ({ record, line: lines });

function parseLines(text: string, delimiter: string, to?: number): ParsedLine[] {
  return parse(text, {
    delimiter,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: maxLineBytes,
    // With `info: true` instead, a million lines take another gigabyte.
    on_record: asLine as unknown as Options['on_record'],
    ...(to !== undefined && { to }),
  }) as unknown as ParsedLine[];
}

/** Column names are compared without letter case, invisible characters, and spaces and quotes around them. */
function columnKey(name: string): string {
  return name
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/^[\s"'“”„]+|[\s"'“”„]+$/g, '')
    .toLowerCase();
}

function listed(columns: TableColumns['required']): string {
  const names = columns.map((column) =>
    typeof column === 'string'
      ? column.slice(0, 40) || '"" (the first)'
      : `${column[0]} (or ${column.slice(1).join(', ')})`,
  );
  return names.length === 2 ? names.join(' and ') : firstOf(names, 20);
}

/**
 * Reads a regular file, and rejects others: reading a named pipe waits forever.
 *
 * @throws Error with the reason, without the path
 */
export function readSmallFile(path: string, limit: number): Buffer {
  const stats = statSync(path);
  const kind = irregular(stats);
  if (kind) throw new Error(kind);
  if (stats.size > limit) throw new Error(`it has more than ${Math.round(limit / 2 ** 20)} MB`);
  const bytes = readFileSync(path);
  const foreign = bytes.length === 0 ? 'it is empty' : foreignContent(bytes);
  if (foreign) throw new Error(foreign);
  return bytes;
}

/** Why a path is not a regular file; undefined if it is. */
export function irregular(stats: { isFile(): boolean; isDirectory(): boolean }): string | undefined {
  if (stats.isFile()) return undefined;
  return stats.isDirectory() ? 'it is a folder, not a file' : 'it is a pipe, socket or device, not a file';
}

/** Detects content that is often saved by mistake in place of a table or an audio file. */
export function foreignContent(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(200, bytes.length))
    .toString('latin1')
    .replace(/^(ï»¿)?\s*/, '');
  if (start.startsWith('version https://git-lfs')) {
    return 'it is a Git LFS pointer without the content; run `git lfs pull` in its repository';
  }
  if (/^<(!doctype|html|head|body|\?xml)/i.test(start)) {
    return 'it is a web page, probably an error message; download the file again';
  }
  if (start.startsWith('PK\x03\x04'))
    return 'it is a ZIP archive or an Excel workbook; unpack it, or save it as CSV';
  return undefined;
}

/** Windows-1252 from 0x80 to 0x9F; the other bytes are the same as in Latin-1. The TextDecoder of Node 20 reads all as Latin-1. */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Decodes a text file, with `\n` at line ends; undefined if it is binary. Never replaces bytes by U+FFFD, which would merge names. */
export function decodeText(bytes: Buffer): { text: string; remark?: string } | undefined {
  const { text, remark } = decodeBytes(bytes);
  if (text === undefined || text.includes('\0')) return undefined;
  const lost = text.includes('\ufffd')
    ? 'it contains the replacement character U+FFFD: letters were lost when it was converted, and different names may be the same now'
    : undefined;
  return { text: text.replace(/\r\n?/g, '\n'), remark: remark ?? lost };
}

function decodeBytes(bytes: Buffer): { text?: string; remark?: string } {
  const decode = (encoding: string): string | undefined => {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes); // removes the byte order mark
    } catch {
      return undefined;
    }
  };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: decode('utf-16le') };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: decode('utf-16be') };
  const text = decode('utf-8');
  if (text !== undefined) return { text };
  return {
    text: bytes.toString('latin1').replace(/[\x80-\x9f]/g, (byte) => windows1252[byte.charCodeAt(0) - 0x80]),
    remark: 'it is not UTF-8 and was read as Windows-1252; save it as UTF-8 if names look wrong',
  };
}

/** The path of a file in a folder, ignoring letter case; undefined if no file matches, or several match. */
export function findInFolder(folder: string, name: string): string | undefined {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return undefined; // the folder is optional, and reported when its files are listed
  }
  const found = names.includes(name)
    ? [name]
    : names.filter((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return found.length === 1 ? join(folder, found[0]) : undefined;
}

/** Finds the audio file that a path in a table refers to. */
export type FindFile = (table: string, text: string) => string;

/**
 * Creates a {@link FindFile}.
 *
 * @param root - the data folder
 * @param files - paths below it
 * @returns a function that throws an Error with the reason if there is no such file, or several
 */
export function fileFinder(root: string, files: readonly string[]): FindFile {
  const present = new Set(files);
  const keyOf = (path: string): string => path.normalize('NFC').toLowerCase();
  const stem = (path: string): string => keyOf(path).replace(/\.[^./]*$/, '');
  let byKey: Map<string, string[]> | undefined; // only needed if a name differs
  let byStem: Map<string, string[]> | undefined;
  return (table, text) => {
    if (text === '') throw new Error('path must not be empty');
    const folder = dirname(table);
    let path = text.replaceAll('\\', '/');
    if (/^([a-z]:)?\/|^~\/|^[a-z]+:\/\//i.test(path)) path = insideFolder(resolve(root, folder), path);
    path = posix.join(folder, path);
    if (path.startsWith('../')) throw new Error(`path must be below the data folder, got ${quoted(text)}`);
    if (present.has(path)) return path;
    byKey ??= groupBy(files, keyOf);
    const found = byKey.get(keyOf(path)) ?? [];
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      throw new Error(`several files differ from ${quoted(text)} only in letter case; use the exact name`);
    }
    byStem ??= groupBy(files, stem);
    const similar = byStem.get(stem(path))?.at(0);
    throw new Error(
      similar === undefined
        ? 'there is no such file'
        : `there is no such file; did you mean ${quoted(posix.relative(folder, similar))}?`,
    );
  };
}

/** An absolute path relative to a folder. @throws Error if it is elsewhere */
function insideFolder(folder: string, path: string): string {
  const folders = [folder, realFolder(folder)].map((one) => `${one.split(sep).join('/')}/`);
  const own = folders.find((one) => path.startsWith(one));
  if (own !== undefined) return path.slice(own.length);
  throw new Error(
    `path must be relative to the folder of the table, got ${quoted(path)}; remove the part before the table's folder`,
  );
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
