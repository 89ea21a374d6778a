import { formatCount, messageOf } from '../core/base';
import type { Figure } from '../core/figures';
import { display, installDisplayer, type MimeBundle } from './display';
import { drawFigure, isFigure } from './figure';
import { inspected, isPromise, textBundle } from './inspected';
import { maxRows, type ShowOptions } from './show-contents';
import { kindOf } from './show-kinds';
import { tableBundle } from './table';

/**
 * Displays a value as a figure, table, player or text, depending on its type. The last expression of a cell is displayed in the same
 * way. Outside a notebook, prints text.
 *
 * - a figure; a waveform (player up to 60 s, and plot); a matrix `{ data, shape }` as a heat map
 * - a danfojs DataFrame or Series, an array of records, or a Map: a table of the first ten rows, with the number of further rows
 * - clips, loaded corpora, a feature set, an audit, predictions, score reports, a config, a prediction of a recording, run records:
 *   as tables, figures or aligned text
 * - a string: unchanged; any other object: as `console.log` prints it, at most 40 lines
 * - an array of figures, tables or other values of this list: one after the other
 * - a promise: its value; `undefined` and `null`: nothing
 *
 * An object with a method `[Symbol.for('Jupyter.display')]` determines how it is shown: the method returns a MIME bundle; an empty one
 * shows nothing.
 *
 * Await the returned promise, so that the outputs appear in order.
 *
 * @example
 * ```ts
 * await ser.show(corpora); // what was loaded
 * await ser.show(ser.clipTable(corpora.clips).groupby(['emotion']).col(['durationSec']).mean());
 * await ser.show(await ser.readAudio(corpora.fileOf(corpora.clips[0])), { title: 'The first clip' });
 * ```
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  for (const bundle of await bundlesOf(value, options)) display(bundle);
}

/** What {@link show} displays: one bundle per output, in order; none for `undefined` and `null`. */
export async function bundlesOf(given: unknown, options: ShowOptions = {}): Promise<MimeBundle[]> {
  return bundlesIn(isPromise(given) ? await given : given, options, []);
}

/** @param outer - the arrays that contain the value */
async function bundlesIn(
  value: unknown,
  options: ShowOptions,
  outer: readonly unknown[],
): Promise<MimeBundle[]> {
  if (value === undefined || value === null) return [];
  let name = 'anything else';
  try {
    const own = await ownBundle(value);
    if (own) return Object.keys(own).length > 0 ? [own] : [];
    const kind = kindOf(value);
    if (kind) {
      name = kind.name;
      return await drawn([await kind.show(value, options)].flat());
    }
    const table = tableOf(value);
    if (table) return [tableBundle(table, { maxRows, ...options })];
    if (isSeveral(value) && !outer.includes(value)) return await severalBundles(value, [...outer, value]);
    return [textBundle(value)];
  } catch (error) {
    // The value has the structure of the kind but invalid content, or a getter threw.
    return [textBundle(`${inspected(value)}\n(not shown as ${name}: ${messageOf(error)})`)];
  }
}

async function drawn(contents: readonly (MimeBundle | Figure)[]): Promise<MimeBundle[]> {
  const bundles: MimeBundle[] = [];
  for (const content of contents) bundles.push(isFigure(content) ? await drawFigure(content) : content);
  return bundles;
}

installDisplayer(bundlesOf);

/** Maximum number of outputs of one array. */
const maxOutputs = 20;

/** The convention of Deno's Jupyter kernel for objects that determine how they are shown. */
const displayMethod = Symbol.for('Jupyter.display');

/** Makes an object invisible as the last expression of a cell. */
export function hidden<T extends object>(value: T): T {
  return Object.defineProperty(value, displayMethod, { value: () => ({}) });
}

async function ownBundle(value: unknown): Promise<MimeBundle | undefined> {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isMimeBundle(value)) return value;
  const method = (value as { [displayMethod]?: unknown })[displayMethod];
  if (typeof method !== 'function') return undefined;
  const bundle: unknown = await method.call(value);
  if (!isPlain(bundle)) return undefined;
  return Object.keys(bundle).length === 0 || isMimeBundle(bundle) ? bundle : undefined;
}

function isMimeBundle(value: object): value is MimeBundle {
  const types = isPlain(value) ? Object.keys(value) : [];
  return types.length > 0 && types.every((type) => /^(text|image|application)\/[\w.+-]+$/.test(type));
}

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Cells and the library may have been created in different contexts.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** The rows of a table, from an array of records or a Map; undefined for any other value. */
function tableOf(value: unknown): Record<string, unknown>[] | undefined {
  if (value instanceof Map) {
    const entries: Record<string, unknown>[] = [...value].map(([key, of]: [unknown, unknown]) =>
      isPlain(of) ? { key, ...of } : { key, value: of },
    );
    return areRecords(entries) ? entries : undefined;
  }
  return Array.isArray(value) && areRecords(value) ? value : undefined;
}

const maxColumns = 40;

/** Whether a value fits in the cell of a table. */
function isCell(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= maxRows && value.every((item) => typeof item !== 'object');
  return value === null || value instanceof Date || !['object', 'function', 'symbol'].includes(typeof value);
}

function areRecords(rows: readonly unknown[]): rows is Record<string, unknown>[] {
  // The check of the first one also rejects arrays with millions of holes, which `every` skips one by one.
  if (!isPlain(rows.at(0)) || !rows.every(isPlain)) return false;
  if (rows.every((row): boolean => isMimeBundle(row))) return false;
  const isTabular = rows.every((row) => Object.values(row).every(isCell));
  return isTabular && new Set(rows.flatMap((row) => Object.keys(row))).size <= maxColumns;
}

/** An array with at least one item, among those that are shown, that is more than text. */
function isSeveral(value: unknown): value is readonly unknown[] {
  const isRich = (item: unknown): boolean =>
    typeof item === 'object' &&
    item !== null &&
    (isMimeBundle(item) ||
      displayMethod in item ||
      kindOf(item) !== undefined ||
      (Array.isArray(item) && areRecords(item)));
  return Array.isArray(value) && value.slice(0, maxOutputs).some(isRich);
}

async function severalBundles(items: readonly unknown[], outer: readonly unknown[]): Promise<MimeBundle[]> {
  const bundles: MimeBundle[] = [];
  for (const item of items.slice(0, maxOutputs)) {
    const value: unknown = isPromise(item) ? await item : item;
    bundles.push(...(await bundlesIn(value, {}, outer)));
  }
  const more = items.length - maxOutputs;
  return more > 0 ? [...bundles, textBundle(`… ${formatCount(more)} more items`)] : bundles;
}
