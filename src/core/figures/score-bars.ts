import { formatCount, formatPercent, InvalidArgumentError } from '../base';
import {
  type ClassificationReport,
  type HumanLine,
  type MetricName,
  metrics,
  percentagePoints,
  protocolMark,
  type ProtocolStep,
  protocolText,
  type ScoreReport,
} from '../evaluation';
import { type Annotation, type Figure, labelsOf, literal, type Trace } from './figure';
import { baseLayout, classColor, colorsOfCorpora, inks, plainAxis, valueAxis } from './theme';

/** The options of {@link protocolWaterfallFigure}. */
export interface ProtocolWaterfallOptions {
  /** description of the clips and the model, shown below the title */
  source: string;
  title?: string;
  /** accuracy and UAR by default; the differences shown between protocols are those of the last metric */
  metrics?: readonly BarMetric[];
}

/**
 * Draws the scores of one model under several protocols: how much of a score is due to known clips and known speakers, and how much
 * is left. Below each protocol, the share of test rows with a sibling (a version of the same clip) in training or validation.
 *
 * @param steps - from the loosest protocol to the strictest
 * @throws {@link InvalidArgumentError} if there are no steps, or a report lacks a metric
 */
export function protocolWaterfallFigure(
  steps: readonly ProtocolStep[],
  {
    source,
    title = 'The same model under each protocol',
    metrics: shown = ['accuracy', 'uar'],
  }: ProtocolWaterfallOptions,
): Figure {
  const reports = steps.map(({ report }) => report);
  const last = shown[shown.length - 1];
  const valueOf = (at: number): number => reports[at].pooled.scores[last]!.value;
  const differences = reports.slice(1).map((_, i): Annotation => {
    const difference = valueOf(i + 1) - valueOf(i);
    return {
      text: `<b>${metrics[last].title} ${difference > 0 ? '+' : '−'}${(100 * Math.abs(difference)).toFixed(1)}</b>`,
      x: i + 0.5,
      y: 1,
      yref: 'paper',
      yanchor: 'top',
      showarrow: false,
      font: { size: 13, color: inks.line },
      bgcolor: '#ffffff',
    };
  });
  const data = scoreBars(reports, { metrics: shown, slot: slotOf(steps.length) });
  return {
    data,
    layout: columnsLayout(data, {
      ...{ title, source, height: 520, annotations: differences },
      columns: { title: 'Protocol', texts: steps.map((step) => stepText([step])) },
      ...{ scores: 'Score', top: 112 },
    }),
  };
}

/** Width available for each of several columns, in pixels. */
export const slotOf = (columns: number): number => 760 / Math.max(columns, 1);

/** The options of {@link columnsLayout}. */
export interface ColumnsLayoutOptions {
  title: string;
  source: string;
  /** default: the texts name them */
  protocol?: string;
  /** in pixels */
  height: number;
  annotations?: Annotation[];
  /** below the columns */
  columns: { title: string; texts: readonly string[] };
  /** name of the scores */
  scores: string;
  /** end of the axis of the scores, in percent */
  top: number;
}

/** Layout of {@link scoreBars} and other bars with intervals: columns at x = 0, 1…, with texts below. */
export function columnsLayout(data: readonly Trace[], own: ColumnsLayoutOptions): Figure['layout'] {
  const {
    title,
    source,
    protocol = 'protocols below the bars',
    height,
    annotations,
    columns,
    scores,
    top,
  } = own;
  return baseLayout(
    { title, source, protocol },
    {
      ...{ width: 900, height, ...(annotations && { annotations }) },
      bargap: 0,
      barmode: 'overlay',
      margin: { t: marginAbove(data) },
      xaxis: plainAxis(columns.title, {
        range: [-0.5, columns.texts.length - 0.5],
        tickvals: columns.texts.map((_, at) => at),
        ticktext: columns.texts,
        ticks: '',
        ticklabelstandoff: 4,
      }),
      yaxis: valueAxis(`${scores} (%), with intervals`, {
        range: [0, top],
        tickvals: [0, 20, 40, 60, 80, 100],
      }),
    },
  );
}

/** The protocol, and the share of siblings under it, which differs between models if their versions do. */
function stepText(steps: readonly ProtocolStep[]): string {
  const lines = [`<b>${literal(protocolMark(steps[0].report), 60)}</b>`];
  const shares = steps.flatMap(({ siblingShare }) => siblingShare ?? []);
  if (shares.length > 0) {
    const [least, most] = [Math.min(...shares), Math.max(...shares)];
    const [from, percent] = [least, most].map((share) => formatPercent(share, most === 0 ? 0 : 1));
    const range = from === percent ? '' : `${percentagePoints(least)} to `;
    lines.push(`${range}${percent} of test rows have`, 'a sibling in training', 'or validation');
  }
  return lines.join('<br>');
}

/** A model with its scores under several protocols. */
export interface ModelSteps {
  name: string;
  steps: readonly ProtocolStep[];
}

/** The options of {@link protocolComparisonFigure}. */
export interface ProtocolComparisonOptions {
  /** description of the clips, shown below the title */
  source: string;
  title?: string;
  /** default accuracy */
  metric?: BarMetric;
}

/**
 * Draws one score of several models under several protocols, as bars with intervals. Below each protocol, the share of test rows
 * with a sibling (a version of the same clip) in training or validation.
 *
 * @param models - each with steps from the loosest protocol to the strictest; all but the first may lack some
 * @throws {@link InvalidArgumentError} if there are no steps, or a report lacks the metric
 * @example
 * ```ts
 * protocolComparisonFigure([{ name: 'compact', steps }, { name: 'log-mel', steps: others }], { source });
 * ```
 */
export function protocolComparisonFigure(
  models: readonly ModelSteps[],
  { source, title = 'Models under each protocol', metric = 'accuracy' }: ProtocolComparisonOptions,
): Figure {
  const all = models.flatMap(({ steps }) => steps);
  requireMetrics(
    all.map(({ report }) => report),
    [metric],
  );
  const protocols = [...new Set(all.map(({ report }) => report.protocol))];
  const width = 0.84 / models.length;
  const data = models.map(({ name, steps }, i) => {
    const reports = steps.map(({ report }) => report);
    return bars(reports, {
      name: literal(name),
      x: reports.map(({ protocol }) => protocols.indexOf(protocol) - 0.42 + width * (i + 0.5)),
      color: modelColors[i % modelColors.length],
      ...{ metric, width, slot: slotOf(protocols.length) },
    });
  });
  return {
    data,
    layout: columnsLayout(data, {
      ...{ title, source, height: 480 },
      columns: {
        title: 'Protocol',
        texts: protocols.map((name) => stepText(all.filter(({ report }) => report.protocol === name))),
      },
      ...{ scores: metrics[metric].title, top: 104 },
    }),
  };
}

/**
 * Draws the recall of each emotion for a model and for the human listeners of CREMA-D (audio only).
 *
 * @param line - recognition by the listeners, from `humanLine`
 * @param report - scores of the model on CREMA-D only (see `selectCorpus`), so that both refer to the same recordings
 * @example
 * ```ts
 * humanLineFigure(humanLine(clips), classificationReport(selectCorpus(predictions, 'CREMA-D')), { source });
 * ```
 */
export function humanLineFigure(
  line: HumanLine,
  report: ClassificationReport,
  { source, title = 'Recall of a model and of listeners' }: { source: string; title?: string },
): Figure {
  const perEmotion = line.perEmotion.filter(({ clips }) => clips > 0);
  const names = perEmotion.map(({ emotion }) => emotion);
  const listeners = line.unit === 'votes' ? 'listeners’ votes' : 'winners of the listeners’ votes';
  const bar = (name: string, values: readonly (number | null)[], own: object): Trace => ({
    type: 'bar',
    name,
    x: names,
    y: values,
    text: values.map((value) => (value === null ? '' : value.toFixed(0))),
    textposition: 'inside',
    insidetextanchor: 'start',
    textangle: 0,
    hovertemplate: '%{x}: %{y:.1f} %<extra></extra>',
    ...own,
  });
  const recallOf = (emotion: string): number | null => {
    const found = report.classes.find((one) => one.emotion === emotion);
    return found && found.support > 0 ? 100 * found.recall : null;
  };
  const mean = (name: string, value: number, color: string, dash: string): Record<string, unknown> => ({
    type: 'line',
    xref: 'paper',
    x0: 0,
    x1: 1,
    y0: 100 * value,
    y1: 100 * value,
    line: { color, width: 1.75, dash },
    name: `${name} ${formatPercent(value)}`,
    showlegend: true,
  });
  return {
    data: [
      bar('model', names.map(recallOf), {
        marker: { color: names.map((emotion) => classColor(emotion, names)) },
      }),
      bar(
        listeners,
        perEmotion.map(({ recall }) => 100 * recall),
        {
          marker: {
            color: '#ffffff',
            line: { color: names.map((emotion) => classColor(emotion, names)), width: 2 },
          },
        },
      ),
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(report) },
      {
        height: 460,
        barmode: 'group',
        bargap: 0.25,
        margin: { t: 118 },
        shapes: [
          mean('model, UAR', report.uar, inks.line, 'solid'),
          mean('listeners, mean recall', line.meanRecall, inks.text, 'dash'),
        ],
        xaxis: plainAxis(`Emotion acted (filled: model, outlined: ${listeners})`, {
          tickvals: names,
          ticktext: perEmotion.map(
            ({ emotion, total }) => `${emotion}<br>${formatCount(Math.round(total))} ${line.unit}`,
          ),
        }),
        yaxis: valueAxis('Recall (%)', { range: [0, 104] }),
      },
    ),
  };
}

/** Metrics that bars can show: shares from 0 to 100 %. */
export type BarMetric = Extract<MetricName, 'accuracy' | 'uar' | 'macroF1' | 'macroPrecision'>;

/** The options of {@link scoreBars}. */
export interface ScoreBarsOptions {
  metrics: readonly BarMetric[];
  /** width available for one report, in pixels; determines the text on the bars */
  slot: number;
}

const barColors = ['#b5cce5', '#3f73ad', '#12386b'];
/** In {@link protocolComparisonFigure}; on the darkest colour, intervals are hard to see. */
const modelColors = [barColors[1], barColors[0], barColors[2]];

/**
 * Draws bars of pooled scores with their intervals, one group per report at x = 0, 1…, and dots for the last metric on each corpus.
 * Bars of leaky protocols are hatched.
 *
 * @throws {@link InvalidArgumentError} if there are no reports, or one lacks a metric
 */
export function scoreBars(
  reports: readonly ScoreReport[],
  { metrics: names, slot }: ScoreBarsOptions,
): Trace[] {
  requireMetrics(reports, names);
  const width = 0.56 / names.length;
  const colors = names.length === 1 ? barColors.slice(1) : barColors;
  const pooled = names.map((metric, i) =>
    bars(reports, {
      name: `${metrics[metric].title}, pooled`,
      x: reports.map((_, at) => at - 0.42 + width * (i + 0.5)),
      ...{ metric, width, slot, color: colors[i] },
    }),
  );
  const last = names[names.length - 1];
  const corpora = [...new Set(reports.flatMap(({ perCorpus }) => perCorpus.map(({ name }) => name)))];
  const colorOf = colorsOfCorpora(corpora);
  const corpusLabels = labelsOf(corpora);
  const dots = corpora.map((corpus, k): Trace => {
    const own = reports.flatMap(({ perCorpus }, at) => {
      const group = perCorpus.find(({ name }) => name === corpus);
      return group ? [{ at, score: group.scores[last]! }] : [];
    });
    return {
      type: 'scatter',
      mode: 'markers',
      name: `${corpusLabels[k]}: ${metrics[last].title}`,
      x: own.map(({ at }) => at + 0.18 + (0.24 * (k + 0.5)) / corpora.length),
      y: own.map(({ score }) => 100 * score.value),
      error_y: errorBars(
        own.map(({ score }) => score),
        colorOf(corpus),
      ),
      marker: { color: colorOf(corpus), size: 9, line: { color: '#ffffff', width: 1 } },
      hovertemplate: `${literal(corpus)}: ${metrics[last].title} %{y:.1f} %<extra></extra>`,
    };
  });
  return [...pooled, ...dots];
}

function requireMetrics(reports: readonly ScoreReport[], names: readonly BarMetric[]): void {
  if (reports.length === 0) throw new InvalidArgumentError('reports', 'a list with at least one report', []);
  for (const report of reports) {
    const missing = names.find((name) => !report.metrics.includes(name));
    if (missing) throw new InvalidArgumentError('reports', `reports that have ${missing}`, report.metrics);
  }
}

interface BarsOptions {
  name: string;
  metric: BarMetric;
  x: readonly number[];
  /** share of the width for one report */
  width: number;
  /** in pixels */
  slot: number;
  color: string;
}

/** Bars of pooled scores with their intervals; those of leaky protocols are hatched. */
function bars(reports: readonly ScoreReport[], { name, metric, x, width, slot, color }: BarsOptions): Trace {
  const scores = reports.map(({ pooled }) => pooled.scores[metric]!);
  return {
    type: 'bar',
    ...{ name, x },
    y: scores.map(({ value }) => 100 * value),
    width: 0.92 * width,
    error_y: errorBars(scores, inks.text),
    text: scores.map(({ value }) => barText(value, width * slot)),
    textposition: 'inside',
    insidetextanchor: 'start',
    textangle: 0,
    textfont: { size: width * slot < 50 ? 11 : 12, color: color === barColors[0] ? inks.text : '#ffffff' },
    marker: {
      color,
      pattern: {
        fillmode: 'overlay',
        shape: reports.map(({ isLeaky }) => (isLeaky ? '/' : '')),
        fgcolor: '#ffffff',
        size: 7,
        solidity: 0.15,
      },
    },
    hovertemplate: '%{y:.1f} %<extra>%{fullData.name}</extra>',
  };
}

/** The number on a bar, with as many digits as fit its width in pixels. */
function barText(value: number, width: number): string {
  return width < 34 ? '' : formatPercent(value, width < 50 ? 0 : 1);
}

/** Space above the plot for the legend, in pixels; five entries per line. */
function marginAbove(traces: readonly Trace[]): number {
  return 100 + 20 * Math.ceil(traces.length / 5);
}

/** Error bars in percent; a score without an interval has none. */
export function errorBars(
  scores: readonly { value: number; interval: { low: number; high: number } }[],
  color: string,
): Record<string, unknown> {
  const width = (limit: number): number => (Number.isNaN(limit) ? 0 : 100 * limit);
  return {
    type: 'data',
    symmetric: false,
    array: scores.map(({ value, interval }) => width(interval.high - value)),
    arrayminus: scores.map(({ value, interval }) => width(value - interval.low)),
    color,
    thickness: 1.5,
    width: 3,
  };
}
