import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';

/** A count with thousands separators: `1,923`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/**
 * A count with its noun in singular or plural.
 *
 * @param many - the plural; default: with an `s`
 * @example
 * ```ts
 * countOf(1, 'clip'); // '1 clip'
 * countOf(1923, 'speaker'); // '1,923 speakers'
 * countOf(2, 'copy', 'copies'); // '2 copies'
 * ```
 */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share (0 to 1) in percent: `15.8 %`. */
export function formatPercent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

const shareName = /(accuracy|uar|f1|precision|recall|share|coverage)$|^score$/i;

/** Whether a table column contains shares, which are shown in percent: it has the name of a share, and all its numbers are from 0 to 1. */
export function isShareColumn(name: string, values: readonly unknown[]): boolean {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number' && !Number.isNaN(value),
  );
  return numbers.length > 0 && shareName.test(name) && numbers.every((value) => value >= 0 && value <= 1);
}

/**
 * A quantile of sorted values, with linear interpolation like numpy's `quantile`.
 *
 * @param sorted - ascending, at least one
 * @param share - 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Smallest and largest of any number of values: `Math.max(...values)` fails for more than about 100,000. Infinite if there are none. */
export function extremes(values: Iterable<number>): { least: number; most: number } {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

/** The median: for an even number of values the mean of the two middle ones; NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Formats rows of cells as a plain-text table. An empty row stays empty. Cells are made {@link printable} and shortened to 300
 * characters.
 *
 * @param texts - the first line is the heading
 * @param left - left-aligned columns, counted from the end if negative; the others are right-aligned
 */
export function textTable(texts: readonly (readonly string[])[], left: readonly number[]): string {
  const lines = texts.map((line) => line.map((cell) => shorten(printable(cell), 300)));
  const columns = lines[0].length;
  const isLeft = (column: number): boolean => left.includes(column) || left.includes(column - columns);
  const widths = Array.from({ length: columns }, (_, column) =>
    lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => (isLeft(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * Formats rows of cells as a Markdown table. Cells may contain Markdown; names from files must be escaped with
 * {@link markdownText}.
 *
 * @param lines - the first is the heading; other lines may be shorter
 * @param right - right-aligned columns
 */
export function markdownTable(lines: readonly (readonly string[])[], right: readonly number[] = []): string {
  const [heading] = lines;
  const line = (cells: readonly string[]): string =>
    `| ${heading.map((_, column) => printable(cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(heading.map((_, column) => (right.includes(column) ? '---:' : '---')));
  return [line(heading), rule, ...lines.slice(1).map(line)].join('\n');
}

/**
 * Makes text from files safe to show: control characters (including escape sequences and line breaks), bidirectional overrides, lone
 * surrogates and noncharacters become visible escapes such as `\u001b`.
 *
 * @example
 * ```ts
 * printable('sad\t'); // 'sad\\u0009'
 * ```
 */
export function printable(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- these characters are the subject
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** {@link printable} text of several lines: line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, printable);
}

/** Escapes text from files for Markdown, so that it contains no code, HTML, entities or links. */
export function markdownText(text: string): string {
  return printable(text).replace(/[`<>&[\]]/g, '\\$&');
}

/** The first texts of a list, and the number of the others: `anna, ben, … 3 more`. */
export function firstOf(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return [...texts.slice(0, most), ...(more > 0 ? [`… ${formatCount(more)} more`] : [])].join(', ');
}

/** Groups items by a key, in order of occurrence. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Text from a file, in quotes and shortened, for a message. */
export const quoted = (text: string): string => JSON.stringify(shorten(text, 80));

/** Cuts the middle out of a long text, never within a surrogate pair. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = Array.from(text);
  if (characters.length <= longest) return text;
  const tail = Math.floor((longest - 1) / 3);
  const [start, end] = [characters.slice(0, longest - 1 - tail), characters.slice(characters.length - tail)];
  return `${start.join('')}…${end.join('')}`;
}

/** A cell of a CSV file, in quotes if necessary. */
export const csvCell = (text: string): string =>
  /[",;|\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * Text for a table that people may open in a spreadsheet program, which would execute text that looks like a formula. Such text is
 * prefixed with an apostrophe. Equal labels stay equal.
 *
 * @example
 * ```ts
 * withoutFormula('=1+1'); // "'=1+1"
 * ```
 */
export const withoutFormula = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/**
 * The form in which names are compared: letter case, the encoding of accents and compatibility characters make no difference. Names
 * with different keys are different on every file system.
 */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFC');

/** Names that Windows reserves for devices. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * Text as a part of a file name that is safe on all systems: letters and digits of any script, joined by hyphens.
 *
 * @param longest - maximum length in bytes of UTF-8
 * @param fallback - used if the text has no letter or digit
 * @example
 * ```ts
 * fileNamePart('Zoë: “what?”'); // 'Zoë-what'
 * ```
 */
export function fileNamePart(
  text: string,
  { longest = 60, fallback = 'unnamed' }: { longest?: number; fallback?: string } = {},
): string {
  const safe = text.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  const encoder = new TextEncoder();
  let [part, bytes] = ['', 0];
  for (const character of safe.replace(/^[-\p{M}]+/u, '')) {
    bytes += encoder.encode(character).length;
    if (bytes > longest) break;
    part += character;
  }
  part = part.replace(/-+$/, '') || fallback;
  return deviceName.test(part) ? `${part}_` : part;
}

/** The folder of a corpus in an archive, which becomes its name in the workbench. */
export const corpusFolder = (name: string): string =>
  fileNamePart(name, { longest: 80, fallback: 'own-recordings' });

/**
 * A name that is not taken: the name itself, or with a number before its extension.
 *
 * @param taken - keys ({@link nameKey}) of the names in use; the new one is added
 */
export function uniqueName(name: string, taken: Set<string>): string {
  const [, stem, extension = ''] = /^(.*?)(\.[^./]*)?$/s.exec(name) as string[];
  const candidate = (number: number): string => (number === 1 ? name : `${stem}-${number}${extension}`);
  const isTaken = (number: number): boolean => taken.has(nameKey(candidate(number)));
  // Numbers are given in order, so bisection after doubling finds the first free one of thousands. A gap may be skipped.
  let [low, high] = [0, 1];
  while (isTaken(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isTaken(middle)) low = middle;
    else high = middle;
  }
  taken.add(nameKey(candidate(high)));
  return candidate(high);
}

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hex digits, in any JavaScript runtime. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256(content));
}

/**
 * Hash of plain data that does not depend on the order of keys.
 *
 * @returns the first 32 hex digits of the SHA-256 of its canonical JSON
 */
export function canonicalHash(value: unknown): string {
  return sha256Hex(canonicalJson(value)).slice(0, 32);
}

/** JSON with sorted keys; a key whose value is `undefined` is omitted. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join()}}`;
}

/** Whether a value is an object, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
