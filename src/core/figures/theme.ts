import type { Emotion } from '../base';
import type { Axis, Layout } from './figure';

/** Font of all figures; `node/drawing` bundles its files. */
export const fontFamily = 'Open Sans';

/** One colour an emotion, the same in every figure; seven that stay apart for colour-blind readers (P. Tol, "bright"). */
export const emotionColors: Readonly<Record<Emotion, string>> = {
  angry: '#EE6677',
  disgust: '#228833',
  fear: '#AA3377',
  happy: '#CCBB44',
  neutral: '#A3A3A3',
  sad: '#4477AA',
  surprise: '#66CCEE',
};

const corpusColors: Readonly<Record<string, string>> = {
  RAVDESS: '#004488',
  'CREMA-D': '#DDAA33',
  TESS: '#BB5566',
  SAVEE: '#009988',
};
const otherColors = ['#882255', '#999933', '#332288', '#117733', '#88CCEE', '#CC6677', '#44AA99', '#661100'];

/** Colours that stand for neither an emotion nor a corpus. */
export const inks = {
  text: '#2b2f36',
  quiet: '#5c636e',
  grid: '#e3e6ea',
  axis: '#9aa1ab',
  mark: '#4a5568',
  line: '#c2410c',
  unknown: '#c9cdd3',
} as const;

/** Colours of the speakers' sexes. */
export const sexColors: Readonly<Record<string, string>> = { female: '#AA4499', male: '#117733' };

/** Light to dark blue for counts and shares: lightness falls evenly, so that it reads in grey too. */
export const sequentialScale: readonly (readonly [number, string])[] = [
  [0, '#dfe9f4'],
  [0.25, '#b5cce5'],
  [0.5, '#7fa6d0'],
  [0.75, '#3f73ad'],
  [1, '#12386b'],
];

/** One colour a corpus: fixed for the four, for others in the order of their names. */
export function colorsOfCorpora(corpora: readonly string[]): Record<string, string> {
  const others = [...new Set(corpora)].filter((corpus) => !(corpus in corpusColors)).sort();
  return Object.fromEntries(
    corpora.map((corpus) => [
      corpus,
      corpusColors[corpus] ?? otherColors[others.indexOf(corpus) % otherColors.length],
    ]),
  );
}

/** What every figure says of itself. */
export interface Caption {
  /** what is shown, in a few words */
  title: string;
  /** which clips: corpora and their number, or `synthetic demo, 820 clips` */
  source: string;
  /** where scores are shown: the protocol they were measured under */
  protocol?: string;
}

/** Colours of a spectrogram, dark to light in even steps of brightness: matplotlib's magma (van der Walt and Smith 2015). */
export const spectrogramColors: readonly (readonly [number, string])[] = [
  '#000004',
  '#1c1044',
  '#4f127b',
  '#812581',
  '#b5367a',
  '#e55964',
  '#fb8761',
  '#fec287',
  '#fcfdbf',
].map((color, i, all) => [i / (all.length - 1), color]);

/** A narrow colour bar with its title above. */
export function colorBar(title: string): Record<string, unknown> {
  return { thickness: 12, outlinewidth: 0, title: { text: title, side: 'top', font: { size: 12 } } };
}

const titleTop = 14;
const titleSize = 17;
const subtitleSize = 12.5;

/**
 * The layout all figures start from: Open Sans on white, title at the left, and below it the line that says which
 * clips and which protocol are shown.
 *
 * @param caption - title, source and protocol
 * @param own - the figure's own attributes; margins given here are merged
 */
export function baseLayout({ title, source, protocol }: Caption, own: Layout = {}): Layout {
  const { margin, legend, ...rest } = own;
  const columns = Math.floor(0.125 * (own.width ?? 700));
  const subtitle = wrap(protocol === undefined ? source : `${source} · ${protocol}`, columns);
  const lines = subtitle.split('<br>').length;
  return {
    width: 700,
    height: 400,
    font: { family: `${fontFamily}, Helvetica, Arial, sans-serif`, size: 13, color: inks.text },
    title: {
      text: title,
      font: { size: titleSize, weight: 600 },
      x: 0,
      xref: 'container',
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      pad: { l: 16, t: titleTop },
      subtitle: { text: subtitle, font: { size: subtitleSize, color: inks.quiet } },
    },
    margin: { l: 76, r: 20, t: 66 + 17 * lines, b: 56, ...margin },
    paper_bgcolor: '#ffffff',
    plot_bgcolor: '#ffffff',
    colorway: Object.values(corpusColors),
    hoverlabel: { font: { family: `${fontFamily}, Helvetica, Arial, sans-serif` } },
    ...rest,
    legend: {
      orientation: 'h',
      x: 0,
      xanchor: 'left',
      y: 1.02,
      yanchor: 'bottom',
      traceorder: 'normal',
      font: { size: 12.5 },
      ...legend,
    },
  };
}

/** A value axis: light grid lines, no box. */
export function valueAxis(title: string, own: Axis = {}): Axis {
  return {
    title: { text: title, standoff: 10, font: { size: 13 } },
    automargin: true,
    showgrid: true,
    gridcolor: inks.grid,
    zeroline: false,
    showline: false,
    ...own,
  };
}

/** An axis of names, or one whose grid would not help: a thin line and no grid. */
export function plainAxis(title: string, own: Axis = {}): Axis {
  return {
    title: { text: title, standoff: 10, font: { size: 13 } },
    automargin: true,
    showgrid: false,
    zeroline: false,
    showline: true,
    linecolor: inks.axis,
    ...own,
  };
}

/** Breaks a line at spaces, since Plotly does not. */
function wrap(text: string, columns: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('<br>');
}
