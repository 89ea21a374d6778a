import { textTable } from '../core/base';
import { valueText } from '../core/config';

/** Records that share their keys as a table in plain text; columns of words stand to the left. */
export function recordTable(records: readonly object[]): string {
  const rows = records as readonly Record<string, unknown>[];
  const columns = Object.keys(rows[0]);
  const words = [...columns.keys()].filter((k) => rows.some((row) => typeof row[columns[k]] === 'string'));
  return textTable([columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))], words);
}

function cellText(value: unknown): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return valueText(value ?? '');
  return String(Number(value.toPrecision(3)));
}
