import type { Notebook } from './notebook-file';

/** Where a published notebook keeps the record of its outputs, in its metadata. */
export const publicationKey = 'published';

/** A copy of a notebook as it is before it runs: without outputs, and without the record of any. */
export function clearNotebook(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  const entries = Object.entries(notebook.metadata).filter(([name]) => name !== publicationKey);
  return { ...notebook, metadata: Object.fromEntries(entries), cells };
}
