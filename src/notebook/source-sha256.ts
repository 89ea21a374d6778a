import { createHash } from 'node:crypto';
import { joinLines, type Notebook } from './notebook-file';

/** A hash of what a notebook's cells are, whatever they have shown: SHA-256 of their types and sources. */
export function sourceSha256({ cells }: Notebook): string {
  const sources = cells.map(({ cell_type: type, source }) => [type, joinLines(source)]);
  return createHash('sha256').update(JSON.stringify(sources)).digest('hex');
}
