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
