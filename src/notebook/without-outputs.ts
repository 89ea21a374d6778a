import type { Notebook } from './notebook-file';

/** A copy of a notebook as it is before it runs. */
export function withoutOutputs(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  return { ...notebook, metadata: { ...notebook.metadata }, cells };
}
