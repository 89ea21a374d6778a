import { extremes, InvalidArgumentError } from '../base';
import { protocolText, type UnderProtocol } from '../evaluation';
import { type Annotation, type Figure, labelsOf, literal, type Trace } from './figure';
import { baseLayout, colorBar, inks, sequentialScale } from './theme';

/** One trial of a hyperparameter sweep. */
export interface SweepTrial {
  /** varied parameters, the same in all trials */
  parameters: Readonly<Record<string, number | string>>;
  /** validation score, 0 to 1 */
  score: number;
}

/** The options of {@link parallelCoordinatesFigure}. */
export interface ParallelCoordinatesOptions {
  /** description of the clips, shown below the title */
  source: string;
  /** how validation rows were separated from training rows */
  protocol: UnderProtocol;
  /** `validation UAR` by default */
  scoreTitle?: string;
  title?: string;
}

/**
 * Draws a hyperparameter sweep as parallel coordinates: one line per trial through its parameters to its score, coloured by score.
 * Parameters that span a factor of 10 or more get a logarithmic axis.
 *
 * Drawn with plain lines, because Plotly's `parcoords` needs WebGL, which is not available without a browser.
 *
 * @throws {@link InvalidArgumentError} if there are no trials, or their parameters differ
 */
export function parallelCoordinatesFigure(
  trials: readonly SweepTrial[],
  {
    source,
    protocol,
    scoreTitle = 'validation UAR',
    title = 'Hyperparameter sweep',
  }: ParallelCoordinatesOptions,
): Figure {
  if (trials.length === 0) throw new InvalidArgumentError('trials', 'a list with at least one trial', []);
  const names = Object.keys(trials[0].parameters);
  const other = trials.find(({ parameters }) => names.some((name) => !Object.hasOwn(parameters, name)));
  if (names.length === 0 || other) {
    throw new InvalidArgumentError(
      'trials',
      `trials that all have ${names.join(', ')}`,
      other?.parameters ?? {},
    );
  }
  const axes = [
    ...names.map((name) =>
      axisOf(
        name,
        trials.map(({ parameters }) => parameters[name]),
      ),
    ),
    axisOf(
      `${scoreTitle} (%)`,
      trials.map(({ score }) => 100 * score),
      { isScore: true },
    ),
  ];
  const scores = trials.map(({ score }) => 100 * score);
  const { least, most } = extremes(scores);
  const order = [...trials.keys()].sort((a, b) => scores[a] - scores[b]);
  const best = order[order.length - 1];
  const lines = order.map((i): Trace => ({
    type: 'scatter',
    mode: 'lines+markers',
    x: axes.map((_, at) => at),
    y: axes.map(({ at }) => at[i]),
    line: {
      color: i === best ? inks.line : lineColors[Math.round((3 * (scores[i] - least)) / (most - least || 1))],
      width: i === best ? 3.5 : 1.75,
    },
    marker: { size: i === best ? 8 : 4 },
    name: i === best ? 'best' : '',
    hovertemplate: `${names.map((name) => `${literal(name)} ${literal(String(trials[i].parameters[name]))}`).join('<br>')}<br><b>${scores[i].toFixed(1)} %</b><extra></extra>`,
    showlegend: false,
  }));
  const scale: Trace = {
    type: 'scatter',
    mode: 'markers',
    x: [null],
    y: [null],
    showlegend: false,
    hoverinfo: 'skip',
    marker: {
      color: [least],
      cmin: least,
      cmax: most > least ? most : least + 1,
      colorscale: lineColors.map((color, i) => [i / (lineColors.length - 1), color]),
      showscale: true,
      colorbar: colorBar('%'),
    },
  };
  return {
    data: [...lines, scale],
    layout: baseLayout(
      { title, source, protocol: protocolText(protocol) },
      {
        width: 900,
        height: 472,
        margin: { t: 130, l: 40, r: 20, b: 50 },
        xaxis: {
          title: {
            text: 'Parameters and score of each trial (orange: the best)',
            standoff: 12,
            font: { size: 13 },
          },
          range: [-0.3, axes.length - 0.7],
          showgrid: false,
          showticklabels: false,
          zeroline: false,
        },
        yaxis: {
          title: { text: 'Value (each axis has its own scale)', standoff: 4, font: { size: 13 } },
          range: [-0.06, 1.06],
          showgrid: false,
          showticklabels: false,
          zeroline: false,
        },
        shapes: axes.map((_, at) => ({
          type: 'line',
          x0: at,
          x1: at,
          y0: 0,
          y1: 1,
          line: { color: inks.axis, width: 1.25 },
          layer: 'below',
        })),
        annotations: axes.flatMap((axis, at): Annotation[] => [
          {
            text: headingOf(axis),
            x: at,
            y: 1.05,
            yanchor: 'bottom',
            showarrow: false,
            font: { size: 12.5 },
          },
          ...withoutOverlap(axis.ticks, axis.at[best]).map(({ text, y }) => ({
            text,
            x: at,
            y,
            xanchor: 'right',
            xshift: -5,
            showarrow: false,
            font: { size: 11.5 },
            bgcolor: `${inks.ground}e6`,
            borderpad: 0,
          })),
        ]),
      },
    ),
  };
}

/** The sequential scale without its lightest colour, which is hard to see as a line. */
const lineColors = sequentialScale.slice(1).map(([, color]) => color);

interface CoordinateAxis {
  title: string;
  isLog: boolean;
  /** position of each trial, 0 to 1 */
  at: number[];
  ticks: { text: string; y: number }[];
}

/** Places numbers on a linear or logarithmic axis, and strings at equal distances. */
function axisOf(
  name: string,
  values: readonly (number | string)[],
  { isScore = false }: { isScore?: boolean } = {},
): CoordinateAxis {
  const distinct = [...new Set(values)];
  const areNumbers = distinct.every((value) => typeof value === 'number');
  const { least, most } = extremes(distinct.map(Number));
  const isLog = !isScore && areNumbers && least > 0 && most / least >= 10;
  const positionOf = (value: number | string): number => {
    if (!areNumbers) return distinct.length === 1 ? 0.5 : distinct.indexOf(value) / (distinct.length - 1);
    if (most === least) return 0.5;
    const scaled = isLog ? Math.log : Number;
    return (scaled(Number(value)) - scaled(least)) / (scaled(most) - scaled(least));
  };
  const few = !areNumbers || distinct.length <= 6;
  const marks = few ? distinct : isLog ? decades(least, most) : roundSteps(least, most);
  const texts = labelsOf(marks.map(tickText), 24);
  return {
    title: name,
    isLog,
    at: values.map(positionOf),
    ticks: marks.map((value, i) => ({ text: texts[i], y: positionOf(value) })),
  };
}

/** Tick values of a logarithmic axis: 1, 2 and 5 times powers of ten. */
function decades(least: number, most: number): number[] {
  const powers = Array.from({ length: 1 + Math.ceil(Math.log10(most / least)) }, (_, i) =>
    Math.pow(10, Math.floor(Math.log10(least)) + i),
  );
  const marks = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  return marks.filter((mark) => mark >= least && mark <= most);
}

/** Three to seven round tick values of a linear axis. */
function roundSteps(least: number, most: number): number[] {
  const rough = (most - least) / 5;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) => (first + i) * step);
}

function tickText(value: number | string): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(3)));
}

/** The heading of an axis in two lines, group and name, so that neighbouring headings do not touch. */
function headingOf({ title, isLog }: CoordinateAxis): string {
  const dot = title.indexOf('.') + 1;
  const group = dot > 0 ? literal(title.slice(0, dot), 24) : '';
  return `${group}<br><b>${literal(title.slice(dot), 24)}</b>${isLog ? ' (log)' : ''}`;
}

/** Smallest distance between two tick labels, as a share of the height of the axis. */
const tickDistance = 0.05;

/** Leaves out labels that would overlap; the labels of the best trial and of both ends take precedence. */
function withoutOverlap(ticks: CoordinateAxis['ticks'], bestAt: number): CoordinateAxis['ticks'] {
  const distance = ({ y }: { y: number }): number => Math.min(Math.abs(y - bestAt), y, 1 - y);
  const shown: CoordinateAxis['ticks'] = [];
  for (const tick of ticks.toSorted((a, b) => distance(a) - distance(b)))
    if (shown.every(({ y }) => Math.abs(y - tick.y) >= tickDistance)) shown.push(tick);
  return shown;
}
