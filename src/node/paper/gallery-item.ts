import { markdownTable, printable } from '../../core/base';
import { daggerNote } from '../../core/evaluation';
import { type Figure, figureJson } from '../../core/figures';
import type { Corpora } from '../corpora';
import type { StoredRun } from '../runs';
import type { FigureRuns, FoundRun } from './figure-runs';

/** One figure or table of the gallery. */
export type GalleryItem = DrawnItem | ClipItem | RunItem;

interface NamedItem {
  /** name of its files, without extension */
  name: string;
  /** what it shows, in a few words */
  about: string;
}

/** An item that needs neither recordings nor run records. */
export interface DrawnItem extends NamedItem {
  from: 'nothing';
  /** Returns the drawing, or the reason for skipping the item. */
  draw: () => Drawing | string;
}

/** An item that shows recordings. */
export interface ClipItem extends NamedItem {
  from: 'clips';
  /** seed of random augmentations */
  seed?: number;
  draw: (corpora: Corpora) => Drawing | Promise<Drawing>;
}

/** An item that shows scores from run records. */
export interface RunItem extends NamedItem {
  from: 'runs';
  /** Selects the runs to show, or returns the reason for skipping the item. */
  pick: (runs: FigureRuns) => FoundRun[] | string;
  /**
   * @param runs - as picked
   * @throws WorkbenchError if a record lacks the results to show, or the runs cannot be compared
   */
  draw: (runs: readonly StoredRun[]) => Drawing;
}

/** An item as a figure, a table, or both. */
export type Drawing =
  | {
      figure: Figure;
      /** leaves out the Plotly specification, which contains the exact numbers */
      isPictureOnly?: boolean;
      table?: GalleryTable;
    }
  | { figure?: undefined; isPictureOnly?: undefined; table: GalleryTable };

/** A table with the text of its Markdown and CSV files. */
export interface GalleryTable {
  title: string;
  /** recordings and model */
  source: string;
  markdown: string;
  csv?: string;
}

/** Title and notes of a table. */
export interface TableCaption {
  title: string;
  source: string;
  /** for scores: the protocol and what a score under it measures */
  protocol?: string;
}

type Cell = string | number | undefined;

/**
 * Formats a table as Markdown, with its title, source, protocol and an explanation of † if it occurs, and as CSV.
 *
 * @param rows - integers are written in full, other numbers with four significant digits (CSV: six)
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
  const lines = [columns, ...rows.map((row) => columns.map((_, k) => markdownCell(row[k])))];
  const csv = [columns, ...rows.map((row) => columns.map((_, k) => csvCell(row[k])))];
  return {
    title,
    source,
    markdown: withoutHtml(
      `**${printable(title)}**\n\n${printable(about)}.\n\n${markdownTable(lines, right)}\n`,
    ),
    csv: `${csv.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`,
  };
}

/** Escapes HTML and links, which names from records could contain; the texts of this project have neither. */
const withoutHtml = (markdown: string): string => markdown.replace(/[<&]|\](?=\()/g, '\\$&');

function markdownCell(value: Cell): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

const csvCell = (value: Cell): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(6))) : (value ?? '');

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The text files of a drawing by name: everything but the picture. They are identical on every machine. */
export function textsOf(name: string, { figure, isPictureOnly, table }: Drawing): Record<string, string> {
  return {
    ...(figure && !isPictureOnly && { [`${name}.plotly.json`]: plotlyText(figure) }),
    ...(table && { [`${name}.md`]: table.markdown }),
    ...(table?.csv !== undefined && { [`${name}.csv`]: table.csv }),
  };
}

/** A Plotly specification with numbers rounded to five digits. */
function plotlyText(figure: Figure): string {
  const rounded: unknown = JSON.parse(figureJson(figure), (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  );
  return `${JSON.stringify(rounded)}\n`;
}
