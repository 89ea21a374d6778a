import { markdownTable } from '../../core/base';
import { daggerNote } from '../../core/evaluation';

/** A table as its two files hold it. */
export interface GalleryTable {
  title: string;
  /** which recordings, and which model */
  source: string;
  markdown: string;
  csv?: string;
}

/** What stands around a table. */
export interface TableCaption {
  title: string;
  source: string;
  /** where it holds scores: the protocol, and what a score under it measures */
  protocol?: string;
}

type Cell = string | number | undefined;

/**
 * A table as Markdown, under its title, source, protocol and what a † in it means, and as CSV.
 *
 * @param rows - a whole number is written in full, any other with four digits (CSV: six)
 */
export function galleryTable(
  { title, source, protocol }: TableCaption,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): GalleryTable {
  const right = [...columns.keys()].filter((k) =>
    rows.every((row) => typeof row[k] === 'number' || row[k] === '…' || (row[k] ?? '') === ''),
  );
  const about = [source, protocol && `protocol: ${protocol}`, daggerNote(rows.flat())]
    .filter((part) => part !== undefined)
    .join('; ');
  const lines = [columns, ...rows.map((row) => columns.map((_, k) => shown(row[k])))];
  const csv = [columns, ...rows.map((row) => columns.map((_, k) => plain(row[k])))];
  return {
    title,
    source,
    markdown: [`**${title}**`, '', `${about}.`, '', markdownTable(lines, right), ''].join('\n'),
    csv: `${csv.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`,
  };
}

function shown(value: Cell): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

const plain = (value: Cell): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(6))) : (value ?? '');

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
