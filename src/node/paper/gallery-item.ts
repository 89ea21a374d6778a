import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownTable, messageOf, printable } from '../../core/base';
import { daggerNote, protocolMark } from '../../core/evaluation';
import { type Figure, figureJson, plainText } from '../../core/figures';
import type { Corpora } from '../corpora';
import { dataFingerprint, type Environment, recordSource } from '../runs';
import type { DrawnRun, FigureRuns, FoundRun } from './figure-runs';

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
  draw: (runs: readonly DrawnRun[]) => Drawing;
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

/** Content of the file next to each figure or table: how it was made and what it shows. */
export interface Sidecar {
  figure: string;
  title?: string;
  source?: string;
  /** name of the gallery item; absent for a picture made by hand */
  item?: string;
  /** all files of the item, `figure` first */
  files: string[];
  command: string;
  /** seed of the augmentation or training; null if nothing was random */
  seed: number | null;
  /** null if it shows no recordings */
  corpora: CorporaFacts | null;
  /** empty if it shows no scores */
  protocols: string[];
  records: RecordFacts[];
  commit?: string;
  /** the working tree differed from the commit */
  changed?: boolean;
}

/** The recordings that a figure shows. The same recordings with the same labels have the same fingerprint. */
export interface CorporaFacts {
  source: string;
  clips: number;
  fingerprint: string;
}

/** A run record that a figure was drawn from, with its main results. */
export interface RecordFacts {
  /** name in the gallery's folder `records` */
  file: string;
  sha256: string;
  /** config hash */
  hash: string;
  preset: string;
  seed: number;
  protocol: string;
  rows: number;
  accuracy: number;
  uar: number;
}

/** Sources of a drawing. */
export interface DrawnFrom {
  corpora?: Pick<Corpora, 'source' | 'clips'>;
  runs?: readonly FoundRun[];
}

/** Describes a drawing, without the commit: only the commit may differ when the item is drawn again. */
export function factsOf(
  item: GalleryItem,
  drawing: Drawing,
  { corpora, runs = [] }: DrawnFrom,
): Omit<Sidecar, 'commit' | 'changed'> {
  const { figure, table } = drawing;
  const texts = Object.keys(textsOf(item.name, drawing));
  const files = figure ? [`${item.name}.png`, ...texts] : texts;
  const records = runs.map(recordFacts);
  return {
    figure: files[0],
    title: figure ? plainText(figure.layout.title?.text ?? '') : table.title,
    source: figure ? plainText(figure.layout.title?.subtitle?.text ?? '') : table.source,
    item: item.name,
    files,
    command: `npm run figures -- --only ${item.name}`,
    seed: item.from === 'clips' ? (item.seed ?? null) : (records.at(0)?.seed ?? null),
    corpora: corporaFacts(item, corpora, runs),
    protocols: [...new Set(records.map(({ protocol }) => protocol))],
    records,
  };
}

function corporaFacts(
  item: GalleryItem,
  corpora: DrawnFrom['corpora'],
  [run]: readonly FoundRun[],
): CorporaFacts | null {
  if (item.from === 'clips' && corpora) {
    const { source, clips } = corpora;
    return { source, clips: clips.length, fingerprint: dataFingerprint(clips) };
  }
  if (item.from !== 'runs') return null;
  const { config, data } = run;
  return {
    source: recordSource({ config, data: data! }),
    clips: data!.clips,
    fingerprint: data!.fingerprint,
  };
}

function recordFacts({ file, sha256, hash, config, report }: FoundRun): RecordFacts {
  const { rows, scores } = report!.pooled;
  return {
    ...{ file, sha256, hash, preset: config.name, seed: config.seed },
    ...{ protocol: protocolMark(report!), rows },
    ...{ accuracy: scores.accuracy!.value, uar: scores.uar!.value },
  };
}

/** Adds the state of the code to the facts of a drawing. */
export function withCommit(
  facts: Omit<Sidecar, 'commit' | 'changed'>,
  { commit, changed }: Pick<Environment, 'commit' | 'changed'>,
): Sidecar {
  return { ...facts, ...(commit !== undefined && { commit, changed }) };
}

/**
 * Reads the sidecars of a gallery.
 *
 * @returns the sidecars, the names of all other files, and the problems of invalid sidecars
 */
export async function readSidecars(
  folder: string,
): Promise<{ sidecars: Sidecar[]; files: string[]; problems: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  const sidecars: Sidecar[] = [];
  const problems: string[] = [];
  for (const name of names.filter((file) => isSidecar.test(file))) {
    try {
      const sidecar = checkedSidecar(JSON.parse(await readFile(join(folder, name), 'utf8')));
      if (`${sidecar.figure}.json` !== name)
        problems.push(`${name} belongs to another figure: ${sidecar.figure}`);
      sidecars.push(sidecar);
    } catch (error) {
      problems.push(`${name} is not a sidecar: ${messageOf(error)}`);
    }
  }
  return { sidecars, files: names.filter((file) => !isSidecar.test(file)), problems };
}

/** @throws Error that names the first field with a wrong type */
function checkedSidecar(value: unknown): Sidecar {
  const { figure, item, files, protocols, records, corpora } = (value ?? {}) as Record<string, unknown>;
  const isText = (text: unknown): text is string => typeof text === 'string';
  const isListOf = <Item>(list: unknown, isItem: (one: unknown) => one is Item): list is Item[] =>
    Array.isArray(list) && list.every(isItem);
  const hasTexts =
    (names: readonly string[]) =>
    (one: unknown): one is object =>
      typeof one === 'object' &&
      one !== null &&
      names.every((name) => isText((one as Record<string, unknown>)[name]));
  const invalid =
    (!isText(figure) && 'figure') ||
    (item !== undefined && !isText(item) && 'item') ||
    (!isListOf(files, isText) && 'files') ||
    (protocols !== undefined && !isListOf(protocols, isText) && 'protocols') ||
    (!isListOf(records, hasTexts(['file', 'sha256'])) && 'records') ||
    ((corpora ?? null) !== null && !hasTexts(['source', 'fingerprint'])(corpora) && 'corpora');
  if (invalid) throw new Error(`${invalid} is missing or has a wrong type`);
  return value as Sidecar;
}

/** A sidecar is named after its figure, with `.json` appended. */
const isSidecar = /\.(png|md)\.json$/;
