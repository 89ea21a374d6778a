import { extname } from 'node:path';
import { csvCell, InvalidArgumentError, withoutFormula } from '../../core/base';
import { type ColumnValues, type DataTable, writeParquet } from './parquet';
import { writeStreamAtomic } from './write-atomic';

/** Formats of {@link writeTable}. */
export const tableFormats = ['csv', 'parquet'] as const;
export type TableFormat = (typeof tableFormats)[number];

/**
 * Chooses a format by name, or by the extension of a file.
 *
 * @throws {@link InvalidArgumentError} if neither is one of the formats
 */
export function formatFor<Format extends string>(
  file: string,
  formats: readonly Format[],
  wanted?: string,
): Format {
  const name = wanted ?? extname(file).slice(1).toLowerCase();
  const found = formats.find((format) => format === name);
  if (found !== undefined) return found;
  if (wanted !== undefined) throw new InvalidArgumentError('format', `one of ${formats.join(', ')}`, wanted);
  const extensions = formats.map((format) => `.${format}`).join(', ');
  throw new InvalidArgumentError('file', `a name that ends in one of ${extensions}, or format given`, file);
}

/**
 * Writes a table, completely or not at all; creates its folder.
 *
 * In CSV (UTF-8, commas), text that a spreadsheet would run as a formula is prefixed with an apostrophe; numbers are written with all
 * digits that identify them.
 *
 * @returns number of rows
 * @throws WorkbenchError with path and remedy, for example if the disk is full
 */
export async function writeTable(path: string, table: DataTable, format: TableFormat): Promise<number> {
  let rows = 0;
  const counted = async function* () {
    for await (const block of table.blocks) {
      rows += block[0].length;
      yield block;
    }
  };
  if (format === 'parquet') await writeParquet(path, { ...table, blocks: counted() });
  else await writeStreamAtomic(path, csvPieces({ ...table, blocks: counted() }));
  return rows;
}

/** Number of characters that are joined before they are written. */
const pieceLength = 2 ** 20;

async function* csvPieces({ columns, blocks }: DataTable): AsyncGenerator<string> {
  let piece = `${columns.map(({ name }) => textCell(name)).join()}\n`;
  for await (const block of blocks) {
    const rows = block[0].length;
    for (let row = 0; row < rows; row++) {
      piece += `${block.map((values) => cellOf(values, row)).join()}\n`;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
  }
  yield piece;
}

function cellOf(values: ColumnValues, row: number): string {
  const value = values[row];
  if (typeof value === 'string') return textCell(value);
  return values instanceof Float32Array ? floatText(value) : Number.isNaN(value) ? '' : String(value);
}

const textCell = (text: string): string => csvCell(withoutFormula(text));

/** A 32-bit number as text; nine significant digits identify it. Empty for NaN. */
export const floatText = (value: number): string =>
  Number.isInteger(value) ? String(value) : Number.isNaN(value) ? '' : String(Number(value.toPrecision(9)));
