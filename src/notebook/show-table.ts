import { display } from './display';
import { tableBundle, type TableLike, type TableOptions } from './table-bundle';

/** Shows a danfojs data frame or an array of records as a table. */
export function showTable(table: TableLike, options: TableOptions = {}): void {
  display(tableBundle(table, options));
}
