import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvalidFileError, messageOf } from '../core/base';
import { writeFileAtomicSync } from '../node/files';

/** Text in nbformat: one string, or lines including line ends. */
export type Multiline = string | readonly string[];

/** Output of a code cell (nbformat 4). */
export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: Multiline }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | {
      output_type: 'execute_result';
      data: Record<string, unknown>;
      metadata: Record<string, unknown>;
      execution_count: number | null;
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** A cell (nbformat 4); only code cells have outputs. */
export interface Cell {
  cell_type: 'code' | 'markdown' | 'raw';
  id?: string;
  source: Multiline;
  metadata: { tags?: string[]; [name: string]: unknown };
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook (nbformat 4). */
export interface Notebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

/**
 * Reads a notebook.
 *
 * @throws {@link InvalidFileError} if the file cannot be read, is not JSON or is not a notebook of format 4
 */
export function readNotebook(file: string): Notebook {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InvalidFileError(file, `is not a notebook: ${messageOf(error)}`);
  }
  const problem = formatProblem(content);
  if (problem !== undefined) throw new InvalidFileError(file, `is not a notebook: ${problem}`);
  return content as Notebook;
}

/** Writes a notebook in the format of Jupyter. */
export function writeNotebook(file: string, notebook: Notebook): void {
  writeFileAtomicSync(file, `${JSON.stringify(notebook, null, 1)}\n`);
}

/** Joins text of nbformat to one string. */
export function joinLines(text: Multiline): string {
  return typeof text === 'string' ? text : text.join('');
}

/** Splits text into lines, the form that nbformat prefers because it can be compared line by line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function formatProblem(content: unknown): string | undefined {
  const { nbformat, cells, metadata } = (content ?? {}) as Record<string, unknown>;
  if (nbformat !== 4) return `nbformat must be 4, got ${String(nbformat)}`;
  if (typeof metadata !== 'object' || metadata === null) return 'it has no metadata';
  if (!Array.isArray(cells)) return 'it has no list of cells';
  for (const [index, cell] of (cells as unknown[]).entries()) {
    const { cell_type: type, source, metadata: about } = (cell ?? {}) as Record<string, unknown>;
    if (!['code', 'markdown', 'raw'].includes(type as string)) {
      return `the type of cell ${index + 1} must be code, markdown or raw, got ${String(type)}`;
    }
    const isText =
      typeof source === 'string' ||
      (Array.isArray(source) && source.every((line) => typeof line === 'string'));
    if (!isText) return `cell ${index + 1} has no source text`;
    if (typeof about !== 'object' || about === null) return `cell ${index + 1} has no metadata`;
  }
  return undefined;
}

/** Key in the metadata of a published notebook for the facts about its outputs. */
export const publicationKey = 'published';

/** A copy of a notebook without outputs and without the facts about them. */
export function clearNotebook(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  const entries = Object.entries(notebook.metadata).filter(([name]) => name !== publicationKey);
  return { ...notebook, metadata: Object.fromEntries(entries), cells };
}

/** SHA-256 of the types and sources of a notebook's cells; independent of outputs. */
export function sourceSha256({ cells }: Notebook): string {
  const sources = cells.map(({ cell_type: type, source }) => [type, joinLines(source)]);
  return createHash('sha256').update(JSON.stringify(sources)).digest('hex');
}
