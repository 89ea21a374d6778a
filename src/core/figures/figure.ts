/** A picture in words: a Plotly specification as plain JSON, to be shown, saved or compared without drawing it. */
export interface Figure {
  data: Trace[];
  layout: Layout;
}

/** Values along an axis, in the forms Plotly takes; typed arrays are kept as they are. */
export type Values =
  readonly (number | string | null)[] | Float32Array | Float64Array | Int32Array | Uint8Array;

/** One set of marks. The fields this project uses are typed; any other Plotly attribute may be given as well. */
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

/** Title, axes, legend and margins; further axes are `xaxis2`, `yaxis2`… */
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

/** A heading and, below it, the line that says what the figure was drawn from. */
export interface Title {
  text: string;
  subtitle?: { text: string; [attribute: string]: unknown };
  [attribute: string]: unknown;
}

/** An axis; its title carries the unit. */
export interface Axis {
  title?: { text: string; [attribute: string]: unknown };
  type?: 'linear' | 'log' | 'category' | 'multicategory' | 'date' | '-';
  range?: readonly (number | null)[];
  tickvals?: readonly (number | string)[];
  ticktext?: readonly string[];
  [attribute: string]: unknown;
}

/** A text laid over the plot. */
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
 * A figure as JSON text, as Plotly in a page reads it. Typed arrays become lists; a 32-bit number is written with the
 * seven digits it has, and what JSON cannot say (NaN, infinity) as null, which Plotly draws as a gap.
 */
export function figureJson(figure: Figure): string {
  return JSON.stringify(figure, (_, value: unknown) => {
    if (value instanceof Float32Array) return Array.from(value, (number) => Number(number.toPrecision(7)));
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
    return value;
  });
}
