import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { formatCount, InvalidFileError, isRecord, messageOf, printable, shorten } from '../core/base';
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
    const { size } = statSync(file);
    if (size > maxBytes)
      throw new Error(`it has ${formatCount(size)} bytes; at most ${formatCount(maxBytes)} are read`);
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InvalidFileError(file, `is not a notebook: ${shorten(printable(messageOf(error)), 300)}`);
  }
  const problem = formatProblem(content);
  if (problem !== undefined) throw new InvalidFileError(file, `is not a notebook: ${problem}`);
  return content as Notebook;
}

/** Larger files are not read. */
const maxBytes = 500e6;

const shown = (value: unknown): string => shorten(JSON.stringify(value ?? null), 80);

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
  if (!isRecord(content)) return 'it is not an object';
  const { nbformat, cells, metadata } = content;
  if (nbformat !== 4) return `nbformat must be 4, got ${shown(nbformat)}`;
  if (!isRecord(metadata)) return 'it has no metadata';
  if (!Array.isArray(cells)) return 'it has no list of cells';
  for (const [index, cell] of (cells as unknown[]).entries()) {
    const { cell_type: type, source, metadata: about } = (cell ?? {}) as Record<string, unknown>;
    if (!['code', 'markdown', 'raw'].includes(type as string)) {
      return `the type of cell ${index + 1} must be code, markdown or raw, got ${shown(type)}`;
    }
    if (!isMultiline(source)) return `cell ${index + 1} has no source`;
    if (!isRecord(about)) return `cell ${index + 1} has no metadata`;
    const problem = cellProblem(cell as Record<string, unknown>);
    if (problem !== undefined) return `cell ${index + 1}: ${problem}`;
  }
  return undefined;
}

function cellProblem({
  id,
  outputs,
  execution_count: count,
  metadata,
}: Record<string, unknown>): string | undefined {
  if (id !== undefined && typeof id !== 'string') return 'its id must be a string';
  if ((count ?? null) !== null && typeof count !== 'number')
    return 'its execution_count must be a number or null';
  const { tags } = metadata as { tags?: unknown };
  if (tags !== undefined && !isTexts(tags)) return 'its tags must be a list of strings';
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) return 'its outputs must be a list';
  const at = outputs.findIndex((output) => !isOutput(output));
  return at < 0 ? undefined : `output ${at + 1} has a wrong type or an invalid part`;
}

function isOutput(output: unknown): output is Output {
  if (!isRecord(output)) return false;
  switch (output.output_type) {
    case 'stream':
      return (output.name === 'stdout' || output.name === 'stderr') && isMultiline(output.text);
    case 'error':
      return (
        [output.ename, output.evalue].every((text) => typeof text === 'string') && isTexts(output.traceback)
      );
    case 'display_data':
    case 'execute_result':
      return isRecord(output.data);
    default:
      return false;
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

/** Whether a value is a multiline string of nbformat. */
export const isMultiline = (content: unknown): content is Multiline =>
  typeof content === 'string' || isTexts(content);

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
