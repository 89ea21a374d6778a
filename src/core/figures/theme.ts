import {
  type Emotion,
  InvalidArgumentError,
  isStandardEmotion,
  orderClasses,
  printable,
  shorten,
  type StandardEmotion,
} from '../base';
import { protocolMark, type UnderProtocol } from '../evaluation';
import { type Annotation, type Axis, type Layout, literal } from './figure';

/** Font of all figures, bundled with `node/drawing`. */
export const fontFamily = 'Open Sans';

/** Font list of figures and pages, for machines without the font. */
export const fontStack = `${fontFamily}, Helvetica, Arial, sans-serif`;

/** One colour per emotion, the same in every figure. Colour-blind safe (P. Tol, "bright"). */
export const emotionColors: Readonly<Record<StandardEmotion, string>> = {
  angry: '#EE6677',
  disgust: '#228833',
  fear: '#AA3377',
  happy: '#CCBB44',
  neutral: '#A3A3A3',
  sad: '#4477AA',
  surprise: '#66CCEE',
};

/** Colours of other classes (P. Tol, "muted" and "light"). Classes always carry their name as well. */
const otherClassColors = [
  '#44AA99',
  '#DDCC77',
  '#882255',
  '#88CCEE',
  '#CC6677',
  '#117733',
  '#999933',
  '#332288',
  '#EE8866',
  '#77AADD',
  '#BBCC33',
  '#AAAA00',
  '#FFAABB',
];

/**
 * The colour of a class, the same in figures and on the live page. Up to 20 classes have different colours: when the other colours
 * are used up, classes get those of the emotions that do not occur.
 *
 * @param classes - that occur beside it
 */
export function classColor(name: Emotion, classes: readonly Emotion[] = []): string {
  if (isStandardEmotion(name)) return emotionColors[name];
  const others = orderClasses([...classes, name]).filter((other) => !isStandardEmotion(other));
  const free = Object.entries(emotionColors).filter(([emotion]) => !classes.includes(emotion));
  const colors = [...otherClassColors, ...free.map(([, color]) => color)];
  return colors[others.indexOf(name) % colors.length];
}

const corpusColors: ReadonlyMap<string, string> = new Map([
  ['RAVDESS', '#004488'],
  ['CREMA-D', '#DDAA33'],
  ['TESS', '#BB5566'],
  ['SAVEE', '#009988'],
]);
const otherColors = ['#882255', '#999933', '#332288', '#117733', '#88CCEE', '#CC6677', '#44AA99', '#661100'];

/** Neutral colours for text, lines and marks. */
export const inks = {
  text: '#2b2f36',
  quiet: '#5c636e',
  grid: '#e3e6ea',
  axis: '#9aa1ab',
  mark: '#4a5568',
  line: '#c2410c',
  unknown: '#c9cdd3',
  ground: '#ffffff',
} as const;

/** Light fills behind dark text. */
export const fills = { plain: '#eef3f9', marked: '#fdf0e8', silence: '#f1f3f5' } as const;

/** Colours by speaker sex. */
export const sexColors: ReadonlyMap<string, string> = new Map([
  ['female', '#AA4499'],
  ['male', '#117733'],
]);

/** Light to dark blue for counts and shares. Lightness falls evenly, so that it works in greyscale. */
export const sequentialScale: readonly (readonly [number, string])[] = [
  [0, '#dfe9f4'],
  [0.25, '#b5cce5'],
  [0.5, '#7fa6d0'],
  [0.75, '#3f73ad'],
  [1, '#12386b'],
];

/** Dark counterparts of the colours of a light figure. Colours that are not listed only need enough contrast with the background. */
export const darkColors: Readonly<Record<string, string>> = {
  [inks.ground]: '#111111',
  [inks.text]: '#e6e8eb',
  [inks.quiet]: '#a9b0ba',
  [inks.grid]: '#30353c',
  [inks.axis]: '#79818c',
  [inks.mark]: '#a3b4cb',
  [inks.line]: '#f08a4b',
  [inks.unknown]: '#5f6671',
  [fills.plain]: '#1b2a3c',
  [fills.marked]: '#3a2418',
  [fills.silence]: '#24282e',
  '#dfe9f4': '#1d3a5f',
  '#b5cce5': '#3567a0',
  '#7fa6d0': '#4479b3',
  '#3f73ad': '#7fa6d0',
  '#12386b': '#dfe9f4',
};

/** One colour per corpus: fixed for the four standard corpora, assigned by name order to others. */
export function colorsOfCorpora(corpora: readonly string[]): (corpus: string) => string {
  const others = [...new Set(corpora)].filter((corpus) => !corpusColors.has(corpus)).sort();
  return (corpus) =>
    corpusColors.get(corpus) ?? otherColors[Math.max(0, others.indexOf(corpus)) % otherColors.length];
}

/** Title and subtitle of a figure: plain text, shown literally. */
export interface Caption {
  title: string;
  /** the clips, for example `RAVDESS, 1,440 clips` or `synthetic demo, 820 clips` */
  source: string;
  /** for scores: the evaluation protocol */
  protocol?: string;
}

/** Colour scale of spectrograms: matplotlib's magma (van der Walt and Smith 2015). */
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
const maxSubtitleLines = 5;

/**
 * Base layout of all figures: Open Sans on white, title at the left, source and protocol as subtitle.
 *
 * @param own - further layout attributes; `margin` and `legend` are merged with the defaults
 */
export function baseLayout({ title, source, protocol }: Caption, own: Layout = {}): Layout {
  const { margin, legend, ...rest } = own;
  const columns = Math.floor(0.125 * (own.width ?? 700));
  const subtitle = wrap(protocol === undefined ? source : `${source} · ${protocol}`, columns);
  const lines = subtitle.split('<br>').length;
  return {
    width: 700,
    height: 400,
    font: { family: fontStack, size: 13, color: inks.text },
    title: {
      text: literal(title, Math.floor(0.15 * (own.width ?? 700))),
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
    paper_bgcolor: inks.ground,
    plot_bgcolor: inks.ground,
    colorway: [...corpusColors.values()],
    hoverlabel: { font: { family: fontStack } },
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

/** An axis with light grid lines, for values. */
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

/** An axis with a thin line and no grid, for names. */
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

/** Wraps plain text at spaces, because Plotly does not wrap titles, and shortens words and texts that are too long. */
function wrap(text: string, columns: number): string {
  const lines: string[] = [];
  for (const part of shorten(printable(text), maxSubtitleLines * columns).split(' ')) {
    const word = shorten(part, columns);
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => literal(line)).join('<br>');
}

/** Colours of overlaid runs. Colour-blind safe (P. Tol, "vibrant"). */
const runColors = ['#0077BB', '#EE7733', '#009988', '#CC3311', '#33BBEE', '#EE3377', '#BBBBBB'] as const;

/** Colour of a run by its index. Colours repeat after seven. */
export function runColor(index: number): string {
  return runColors[index % runColors.length];
}

/**
 * The common protocol of several results.
 *
 * @throws {@link InvalidArgumentError} if the protocols differ, because such curves must not be compared
 */
export function sharedProtocol(all: readonly UnderProtocol[]): UnderProtocol {
  const marks = [...new Set(all.map(protocolMark))];
  if (marks.length > 1) throw new InvalidArgumentError('protocol', 'the same for all', marks.join(' and '));
  return all[0];
}

/** Position of one panel in a grid. */
export interface Panel {
  /** suffix of `x`, `y`, `xaxis` and `yaxis` in Plotly: empty for the first panel, then `2`, `3`… */
  id: string;
  /** horizontal extent as fractions of the plot width */
  domainX: [number, number];
  /** vertical extent as fractions of the plot height */
  domainY: [number, number];
  /** whether it is in the first column */
  isFirst: boolean;
  /** whether there is no panel below it */
  isLowest: boolean;
  /** panel title, shown literally above the top left corner */
  heading: Annotation;
}

/** A grid of panels, with the height and margins of the figure. */
export interface PanelGrid {
  panels: Panel[];
  height: number;
  margin: { t: number; b: number };
  /** panels side by side */
  across: number;
}

/** The options of {@link panelGrid}. */
export interface PanelGridOptions {
  /** panels side by side */
  columns: number;
  /** height of one panel, pixels */
  panelHeight: number;
  /** space between rows, pixels */
  gap: number;
}

const headHeight = 104;
const footHeight = 56;

/**
 * Arranges panels in rows, in reading order.
 *
 * @param titles - one per panel
 * @throws {@link InvalidArgumentError} if there are no panels, or `columns` is not a positive integer
 */
export function panelGrid(
  titles: readonly string[],
  { columns, panelHeight, gap }: PanelGridOptions,
): PanelGrid {
  if (titles.length === 0) throw new InvalidArgumentError('panels', 'a list with at least one panel', []);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError('columns', 'a positive integer', columns);
  }
  const across = Math.min(columns, titles.length);
  const rows = Math.ceil(titles.length / across);
  const gapX = across > 1 ? 0.04 : 0;
  const gapY = rows > 1 ? gap / (panelHeight * rows) : 0;
  const width = (1 - gapX * (across - 1)) / across;
  const height = (1 - gapY * (rows - 1)) / rows;
  const panels = titles.map((text, i): Panel => {
    const left = (i % across) * (width + gapX);
    const top = 1 - Math.floor(i / across) * (height + gapY);
    return {
      id: i === 0 ? '' : String(i + 1),
      domainX: [left, left + width],
      domainY: [Math.max(0, top - height), top],
      isFirst: i % across === 0,
      isLowest: i + across >= titles.length,
      heading: {
        text: literal(text, Math.floor(110 / across)),
        x: left,
        y: top,
        xref: 'paper',
        yref: 'paper',
        xanchor: 'left',
        yanchor: 'bottom',
        showarrow: false,
        font: { size: 12.5, weight: 600 },
      },
    };
  });
  return {
    panels,
    height: headHeight + panelHeight * rows + footHeight,
    margin: { t: headHeight, b: footHeight },
    across,
  };
}
