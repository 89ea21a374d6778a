import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { ByteWriter, fileWriter, ParquetWriter } from 'hyparquet-writer';
import { csvCell, InvalidArgumentError, InvalidFileError, messageOf, withoutFormula } from '../../core/base';
import { explainFileError } from './file-errors';
import { createFileAtomic, writeStreamAtomic } from './write-atomic';

/** A column of a {@link DataTable}: texts, 32-bit integers, or floating-point numbers of 32 or 64 bits. */
export interface DataColumn {
  name: string;
  type: 'text' | 'integer' | 'float' | 'double';
}

/** Values of a column. An empty text or NaN is an empty cell in CSV; an empty text is null in Parquet. */
export type ColumnValues = readonly string[] | Int32Array | Float32Array | Float64Array;

/** A table for other programs. It is written block by block, so that it does not need to fit in memory. */
export interface DataTable {
  columns: readonly DataColumn[];
  /** each block has the values of some rows, one array per column */
  blocks: AsyncIterable<readonly ColumnValues[]>;
  /** stored in the file, by name; Parquet only */
  metadata?: Readonly<Record<string, string>>;
}

/** The blocks of a table that fits in memory: a single one. */
export async function* singleBlock(values: readonly ColumnValues[]): AsyncGenerator<readonly ColumnValues[]> {
  yield await Promise.resolve(values);
}

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

type Writer = ConstructorParameters<typeof ParquetWriter>[0]['writer'];

const schemaTypes = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  integer: { type: 'INT32', repetition_type: 'REQUIRED' },
  float: { type: 'FLOAT', repetition_type: 'REQUIRED' },
  double: { type: 'DOUBLE', repetition_type: 'REQUIRED' },
} as const;

/** Writes a table as Parquet with one row group per block. */
async function writeParquet(path: string, table: DataTable): Promise<void> {
  try {
    await createFileAtomic(path, async (unfinished) => {
      // Most features are incompressible; Snappy only removes the zeros behind short clips.
      await encode(table, fileWriter(unfinished), 'SNAPPY');
      const file = openSync(unfinished, 'r+');
      fsyncSync(file);
      closeSync(file);
    });
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** A small table as the bytes of a Parquet file, compressed with gzip. The same table gives the same bytes. */
export async function parquetBytes(table: DataTable): Promise<Uint8Array> {
  const writer = new ByteWriter();
  await encode(table, writer, 'GZIP');
  return writer.getBytes();
}

async function encode(
  { columns, blocks, metadata = {} }: DataTable,
  writer: Writer,
  codec: 'SNAPPY' | 'GZIP',
): Promise<void> {
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type }) => ({ name, ...schemaTypes[type] })),
    ],
    codec,
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 9 }) },
    statistics: false,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  for await (const block of blocks) {
    const columnData = block.map((values, i) => ({
      name: columns[i].name,
      data: Array.isArray(values) ? values.map((text: string) => (text === '' ? null : text)) : values,
      // A dictionary of distinct floating-point numbers is larger than the numbers.
      ...(columns[i].type === 'float' && { encoding: 'BYTE_STREAM_SPLIT' as const }),
      offsetIndex: false,
    }));
    await parquet.write({ columnData: columnData as never, rowGroupSize: block[0].length });
  }
  await parquet.finish();
}

/** A table that was read from a Parquet file. */
export interface ReadTable {
  columns: readonly DataColumn[];
  /** values by the name of the column; null is an empty text or NaN */
  values: ReadonlyMap<string, ColumnValues>;
  rows: number;
  metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a Parquet file with columns of texts, integers and floating-point numbers, without compression or with gzip or Snappy.
 *
 * @param bytes - its content; default: read from `path`
 * @throws {@link InvalidFileError} if it is not such a file
 */
export async function readParquet(path: string, bytes?: Uint8Array): Promise<ReadTable> {
  const content = bytes ?? readBytes(path);
  const buffer = new Uint8Array(content).buffer;
  try {
    const metadata = parquetMetadata(buffer);
    const rows = Number(metadata.num_rows);
    const columns = parquetSchema(metadata).children.map(({ element: { name, type } }): DataColumn => {
      if (type === 'BYTE_ARRAY') return { name, type: 'text' };
      if (type === 'INT32') return { name, type: 'integer' };
      if (type === 'FLOAT') return { name, type: 'float' };
      if (type === 'DOUBLE' || type === 'INT64') return { name, type: 'double' };
      throw new Error(`the column ${name} has the type ${type}; use text, integers, float32 or float64`);
    });
    const values = new Map(columns.map(({ name, type }) => [name, emptyValues(type, rows)]));
    await parquetRead({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata,
      compressors: { GZIP: (input) => gunzipSync(input) },
      onChunk: ({ columnName, columnData, rowStart }) => {
        const out = values.get(columnName)!;
        const isText = Array.isArray(out);
        Array.from(columnData as ArrayLike<string | number | bigint | null>, (value, i) => {
          const number = typeof value === 'string' ? NaN : Number(value ?? NaN);
          (out as (string | number)[])[rowStart + i] = isText ? String(value ?? '') : number;
        });
      },
    });
    const pairs = (metadata.key_value_metadata ?? []).map(({ key, value = '' }) => [key, value] as const);
    return { columns, values, rows, metadata: Object.fromEntries(pairs) };
  } catch (error) {
    throw new InvalidFileError(
      path,
      `cannot be read as a Parquet file: ${messageOf(error)}; write it with Snappy, gzip or no compression`,
    );
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

function emptyValues(type: DataColumn['type'], rows: number): ColumnValues {
  if (type === 'text') return Array<string>(rows).fill('');
  if (type === 'integer') return new Int32Array(rows);
  return type === 'float' ? new Float32Array(rows) : new Float64Array(rows);
}
