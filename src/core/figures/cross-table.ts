import { InvalidArgumentError, notStated } from '../base';

/** Counts by two properties, with every row × column pair present. */
export interface CrossTable<Row extends string = string, Column extends string = string> {
  rows: Row[];
  columns: Column[];
  count: (row: Row, column: Column) => number;
  rowTotal: (row: Row) => number;
  total: number;
}

/** The options of {@link crossTable}. */
export interface CrossTableOptions<Row extends string, Column extends string> {
  rowOf: (index: number) => Row;
  columnOf: (index: number) => Column;
  /** rows that come first, where present, in this order; the rest follow by name, {@link notStated} last */
  rowOrder?: readonly Row[];
  /** columns always present, in this order; the rest follow as rows do */
  columns?: readonly Column[];
}

/**
 * Counts items by two properties.
 *
 * @param length - number of items
 * @throws {@link InvalidArgumentError} if there are no items
 */
export function crossTable<Row extends string, Column extends string>(
  length: number,
  { rowOf, columnOf, rowOrder = [], columns = [] }: CrossTableOptions<Row, Column>,
): CrossTable<Row, Column> {
  requireClips(length);
  const counts = new Map<Row, Map<Column, number>>();
  const seen = new Set<Column>();
  for (let i = 0; i < length; i++) {
    const row = rowOf(i);
    const column = columnOf(i);
    const cells = counts.get(row) ?? new Map<Column, number>();
    cells.set(column, (cells.get(column) ?? 0) + 1);
    counts.set(row, cells);
    seen.add(column);
  }
  const count = (row: Row, column: Column): number => counts.get(row)?.get(column) ?? 0;
  const allColumns = [...columns, ...inOrder(seen, []).filter((column) => !columns.includes(column))];
  return {
    rows: inOrder(counts.keys(), rowOrder),
    columns: allColumns,
    count,
    rowTotal: (row) => allColumns.reduce((sum, column) => sum + count(row, column), 0),
    total: length,
  };
}

/** The names, each once: first those of `order`, then the others by name with numbers in numerical order, then {@link notStated}. */
export function inOrder<Name extends string>(names: Iterable<Name>, order: readonly Name[]): Name[] {
  const rank = (name: Name): number => {
    if (name === notStated) return order.length + 1;
    const index = order.indexOf(name);
    return index < 0 ? order.length : index;
  };
  const byName = new Intl.Collator('en', { numeric: true });
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || byName.compare(a, b));
}

/** @throws {@link InvalidArgumentError} if there is nothing to draw */
export function requireClips(length: number): void {
  if (length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
}
