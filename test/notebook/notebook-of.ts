import { writeFileSync } from 'node:fs';
import type { Notebook } from '../../src/notebook';
import type { Cell } from '../../src/notebook/notebook-file';

/** Creates a cell for a test: Markdown if it starts with `#`, otherwise code. */
export function cellOf(source: string, tags: string[] = []): Cell {
  const id = `cell-${source.length}-${source.replace(/\W/g, '').slice(0, 20)}`;
  const metadata = tags.length > 0 ? { tags } : {};
  return source.startsWith('#')
    ? { cell_type: 'markdown', id, metadata, source }
    : { cell_type: 'code', id, metadata, source, outputs: [], execution_count: null };
}

/** Creates a notebook. */
export function notebookOf(cells: readonly (string | Cell)[]): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: {
        name: 'speech-emotion-workbench',
        display_name: 'TypeScript (Speech Emotion Workbench)',
        language: 'typescript',
      },
    },
    cells: cells.map((cell) => (typeof cell === 'string' ? cellOf(cell) : cell)),
  };
}

/** Writes a notebook and returns its path. */
export function writeNotebookOf(file: string, cells: readonly (string | Cell)[]): string {
  writeFileSync(file, JSON.stringify(notebookOf(cells)));
  return file;
}
