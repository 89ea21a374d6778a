import { printable, shorten } from '../base';

/** A figure as a Plotly specification (plain JSON), which can be shown, saved and compared without drawing it. */
export interface Figure {
  data: Trace[];
  layout: Layout;
}

/** Values along an axis, in the forms that Plotly accepts. */
export type Values =
  readonly (number | string | null)[] | Float32Array | Float64Array | Int32Array | Uint8Array;

/** One data series. The attributes that this project uses are typed; any other Plotly attribute is allowed too. */
export interface Trace {
  type: string;
  name?: string;
  mode?: string;
  x?: Values;
  y?: Values;
  /** rows of a heatmap, first row at the first y */
  z?: readonly Values[];
  text?: string | readonly string[] | readonly (readonly string[])[];
  orientation?: 'h' | 'v';
  showlegend?: boolean;
  legendgroup?: string;
  hovertemplate?: string;
  xaxis?: string;
  yaxis?: string;
  marker?: Attributes;
  line?: Attributes;
  [attribute: string]: unknown;
}

/** Title, axes, legend and margins. Further axes are named `xaxis2`, `yaxis2`… */
export interface Layout {
  title?: Title;
  xaxis?: Axis;
  yaxis?: Axis;
  legend?: Attributes;
  margin?: Attributes;
  annotations?: Annotation[];
  shapes?: Attributes[];
  showlegend?: boolean;
  /** pixels */
  width?: number;
  /** pixels */
  height?: number;
  [attribute: string]: unknown;
}

/** A title, with the data source and protocol as subtitle. */
export interface Title {
  text: string;
  subtitle?: { text: string; [attribute: string]: unknown };
  [attribute: string]: unknown;
}

/** An axis. Its title includes the unit. */
export interface Axis {
  title?: { text: string; [attribute: string]: unknown };
  type?: 'linear' | 'log' | 'category' | 'multicategory' | 'date' | '-';
  range?: readonly (number | null)[];
  tickvals?: readonly (number | string)[];
  ticktext?: readonly string[];
  [attribute: string]: unknown;
}

/** A text on top of the plot. */
export interface Annotation {
  text: string;
  x?: number | string;
  y?: number | string;
  xref?: string;
  yref?: string;
  [attribute: string]: unknown;
}

/** Any other group of Plotly attributes. */
export type Attributes = Record<string, unknown>;

/**
 * Converts a figure to JSON for Plotly. Typed arrays become lists, 32-bit numbers are rounded to seven digits, and NaN and infinity
 * become null, which Plotly draws as a gap.
 */
export function figureJson(figure: Figure): string {
  return JSON.stringify(figure, (_, value: unknown) => {
    if (value instanceof Float32Array) return Array.from(value, (number) => Number(number.toPrecision(7)));
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
    return value;
  });
}

/** Maximum length of a name in a legend, title or hover label, in characters. */
const maxTextLength = 160;

/**
 * Escapes text from files or users so that Plotly shows it literally. Plotly would interpret `<b>` and `<a href>` as markup, `&amp;` as an
 * entity, `$…$` as a formula and `%{x}` in a hover template as a value. Control characters become visible escapes.
 *
 * @param longest - in characters; longer text is cut in the middle
 * @example
 * ```ts
 * literal('<b>Ann</b>'); // '&#60;b&#62;Ann&#60;/b&#62;'
 * ```
 */
export function literal(text: string, longest = maxTextLength): string {
  return escapeMarkup(shorten(printable(text), longest));
}

/**
 * Turns names into axis labels or categories: escaped, not empty, and distinct even if two names differ only in the part that is cut.
 *
 * @param longest - in characters; longer names are cut in the middle
 * @returns one label per name; equal names have equal labels
 */
export function labelsOf(names: readonly string[], longest = 40): string[] {
  const labels = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of new Set(names)) {
    const short = name === '' ? '(empty)' : shorten(printable(name), longest);
    let label = short;
    for (let copy = 2; taken.has(label); copy++) label = `${short} (${copy})`;
    taken.add(label);
    labels.set(name, escapeMarkup(label));
  }
  return names.map((name) => labels.get(name)!);
}

/** Converts Plotly text to plain text: removes tags, and replaces line breaks by `separator`. */
export function plainText(text: string, separator = ' '): string {
  return text
    .replace(/<br\s?\/?>/g, separator)
    .replace(/<[^<>]*>/g, '')
    .replace(/&#(\d{2,3});/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>$]|%(?=\{)/g, (character) => `&#${character.charCodeAt(0)};`);
}
