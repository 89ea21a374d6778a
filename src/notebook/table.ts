import {
  formatCount,
  formatPercent,
  InvalidArgumentError,
  isShareColumn,
  type LeftOut,
  printable,
  type Tally,
  textTable,
} from '../core/base';
import { display, escapeHtml, type MimeBundle } from './display';

/**
 * Shows a danfojs data frame or an array of records as a table. Outside a notebook, prints it as text.
 *
 * @throws {@link InvalidArgumentError} if `table` is neither a data frame nor an array of records
 * @example
 * ```ts
 * ser.showTable(ser.countTable(clips), { title: 'Clips by corpus and emotion' });
 * ```
 */
export function showTable(table: TableLike, options: TableOptions = {}): void {
  display(tableBundle(table, options));
}

/** One row of {@link leftOutTable}. */
export interface LeftOutRow {
  'left out': string;
  count: number;
  classes: string;
  speakers: string;
  reasons: string;
  example: string;
}

/**
 * What was left out as rows of a table: one per kind, with counts per class, speaker and reason.
 *
 * @param leftOut - of a load report, a feature set, a result or a run record; records of runs without losses lack it
 * @example
 * ```ts
 * ser.showTable(ser.leftOutTable(result.leftOut), { title: 'Left out' });
 * ```
 */
export function leftOutTable(leftOut: readonly LeftOut[] = []): LeftOutRow[] {
  const text = (tallies: readonly Tally[]): string =>
    tallies.map(({ name, count }) => `${printable(name)}: ${formatCount(count)}`).join(', ');
  return leftOut.map(({ what, count, classes, speakers, reasons, examples }) => ({
    'left out': what,
    count,
    classes: text(classes),
    speakers: text(speakers),
    reasons: text(reasons),
    example: printable(examples[0] ?? ''),
  }));
}

/** The part of a danfojs data frame that a table uses; `values` holds rows. */
export interface DataFrameLike {
  columns: readonly string[];
  values: unknown;
  index?: readonly (string | number)[];
}

/** A data frame, or an array of records. */
export type TableLike = DataFrameLike | readonly object[];

/** Options of {@link showTable}. */
export interface TableOptions {
  /** maximum number of rows, default 20; the remaining ones are counted */
  maxRows?: number;
  /** a line above the table */
  title?: string;
}

interface Rows {
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
  /** row names; undefined for 0, 1, 2… */
  index: readonly (string | number)[] | undefined;
}

/**
 * A table in HTML and in plain text. Columns of numbers are aligned to the right, and shares are in percent.
 *
 * @throws {@link InvalidArgumentError} if `table` is neither a data frame nor an array of records
 */
export function tableBundle(table: TableLike, { maxRows = 20, title }: TableOptions = {}): MimeBundle {
  const { columns, rows, index } = toRows(table);
  const shown = rows.slice(0, maxRows);
  const isNumeric = columns.map(
    (_, column) =>
      rows.some((row) => typeof row[column] === 'number') &&
      rows.every((row) => typeof row[column] === 'number' || isMissing(row[column])),
  );
  const isShare = columns.map((name, column) =>
    isShareColumn(
      name,
      rows.map((row) => row[column]),
    ),
  );
  const names = index === undefined ? columns : ['', ...columns];
  const numeric = index === undefined ? isNumeric : [false, ...isNumeric];
  const cells = shown.map((row, i) => [
    ...(index === undefined ? [] : [String(index[i])]),
    ...columns.map((_, column) => cellText(row[column], isShare[column])),
  ]);
  const hidden = rows.length - shown.length;
  const note = hidden > 0 ? `… ${formatNumber(hidden)} more row${hidden === 1 ? '' : 's'}` : '';
  return {
    'text/html': html(names, numeric, cells, title, note),
    'text/plain': plain(names, numeric, cells, title, note),
  };
}

function toRows(table: TableLike): Rows {
  if (Array.isArray(table)) {
    const records = table as Record<string, unknown>[];
    if (!records.every((record) => typeof record === 'object' && (record as unknown) !== null)) {
      throw new InvalidArgumentError('table', 'an array of records or a data frame', table);
    }
    const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
    const cellOf = (record: Record<string, unknown>, name: string): unknown =>
      Object.hasOwn(record, name) ? record[name] : undefined;
    return {
      columns,
      rows: records.map((record) => columns.map((name) => cellOf(record, name))),
      index: undefined,
    };
  }
  const { columns, values, index } = table as {
    columns: unknown;
    values: unknown;
    index?: DataFrameLike['index'];
  };
  if (!Array.isArray(columns) || !Array.isArray(values)) {
    throw new InvalidArgumentError('table', 'an array of records or a data frame', table);
  }
  const isCounting = index?.every((name, i) => Number(name) === i) ?? true;
  // A frame with one column holds plain values instead of rows; NaN marks missing values.
  const rows = values.map((row: unknown) =>
    (Array.isArray(row) ? (row as unknown[]) : [row]).map((value) =>
      Number.isNaN(value) ? undefined : value,
    ),
  );
  return { columns: columns as string[], rows, index: isCounting ? undefined : index };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function cellText(value: unknown, isShare: boolean): string {
  if (isMissing(value)) return '';
  if (typeof value === 'number')
    return isShare && !Number.isNaN(value) ? formatPercent(value) : formatNumber(value);
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | boolean}`;
}

function html(
  names: readonly string[],
  numeric: readonly boolean[],
  cells: readonly (readonly string[])[],
  title: string | undefined,
  note: string,
): string {
  const style = (text: string, column: number): string =>
    `text-align:${numeric[column] ? 'right' : 'left'}${isName(text) || isNumber(text) ? ';white-space:nowrap' : ''}`;
  const line = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((text, i) => `<${tag} style="${style(text, i)}">${breakable(escapeHtml(text), tag)}</${tag}>`).join('')}</tr>`;
  return [
    '<div class="ser-table" style="overflow-x:auto"><table>',
    title === undefined
      ? ''
      : `<caption style="text-align:left;white-space:nowrap">${escapeHtml(title)}</caption>`,
    `<thead>${line('th', names)}</thead>`,
    `<tbody>${cells.map((row) => line('td', row)).join('\n')}</tbody></table>`,
    note && `<p><em>${note}</em></p>`,
    '</div>',
  ].join('');
}

/** Whether a text is a number with a unit, such as `47.6 %`. */
const isNumber = (text: string): boolean => /^[-−]?[\d.,]+ %$/.test(text);

/** A heading such as `training.learningRate` may continue in the next line after the dot and before a capital letter. */
const breakable = (text: string, tag: string): string =>
  tag === 'th' ? text.replace(/(?<=\w\.)(?=\w)|(?<=[a-z])(?=[A-Z])/g, '<wbr>') : text;

/** Whether a text is a hyphenated name, such as that of a run, which the browser must not break into lines. */
const isName = (text: string): boolean => /^[^\s-]+-\S{0,60}$/.test(text);

function plain(
  names: readonly string[],
  numeric: readonly boolean[],
  cells: readonly (readonly string[])[],
  title: string | undefined,
  note: string,
): string {
  const left = names.flatMap((_, i) => (numeric[i] ? [] : [i]));
  return [
    ...(title === undefined ? [] : [title]),
    textTable([names, ...cells], left),
    ...(note ? [note] : []),
  ].join('\n');
}

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** A number with thousands separators or four significant digits; exponents only for very large and very small values. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return integer.format(value);
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
  return size >= 1000 ? integer.format(value) : decimal.format(value);
}
