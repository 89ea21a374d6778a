import { InvalidArgumentError, formatPercent } from '../base';
import { metrics, type MetricName, type ScoreReport } from '../evaluation';
import type { Trace } from './figure';
import { colorsOfCorpora, inks } from './theme';

/** Metrics that bars can show: shares, from 0 to 100 %. */
export type BarMetric = Extract<MetricName, 'accuracy' | 'uar' | 'macroF1' | 'macroPrecision'>;

export interface ScoreBarsOptions {
  metrics: readonly BarMetric[];
  /** width in pixels of the space for one report, which the texts on the bars have to fit in */
  slot: number;
}

const barColors = ['#b5cce5', '#3f73ad', '#12386b'];

/**
 * Bars of pooled scores with their intervals, a group a report at x = 0, 1…, and beside them a dot for the last metric of
 * each corpus. Bars of a leaky protocol are hatched.
 *
 * @throws {@link InvalidArgumentError} if there are no reports, or one lacks a metric
 */
export function scoreBars(
  reports: readonly ScoreReport[],
  { metrics: names, slot }: ScoreBarsOptions,
): Trace[] {
  if (reports.length === 0) throw new InvalidArgumentError('reports', 'a list with at least one report', []);
  for (const report of reports) {
    const missing = names.find((name) => !report.metrics.includes(name));
    if (missing) throw new InvalidArgumentError('reports', `reports that have ${missing}`, report.metrics);
  }
  const width = 0.56 / names.length;
  const colors = names.length === 1 ? barColors.slice(1) : barColors;
  const bars = names.map((name, i): Trace => {
    const scores = reports.map(({ pooled }) => pooled.scores[name]!);
    return {
      type: 'bar',
      name: `${metrics[name].title}, pooled`,
      x: reports.map((_, at) => at - 0.42 + width * (i + 0.5)),
      y: scores.map(({ value }) => 100 * value),
      width: 0.92 * width,
      error_y: errorBars(scores, inks.text),
      text: scores.map(({ value }) => barText(value, width * slot)),
      textposition: 'inside',
      insidetextanchor: 'start',
      textangle: 0,
      textfont: {
        size: width * slot < 50 ? 11 : 12,
        color: i === 0 && names.length > 1 ? inks.text : '#ffffff',
      },
      marker: {
        color: colors[i],
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
  });
  const last = names[names.length - 1];
  const corpora = [...new Set(reports.flatMap(({ perCorpus }) => perCorpus.map(({ name }) => name)))];
  const colorOf = colorsOfCorpora(corpora);
  const dots = corpora.map((corpus, k): Trace => {
    const own = reports.flatMap(({ perCorpus }, at) => {
      const group = perCorpus.find(({ name }) => name === corpus);
      return group ? [{ at, score: group.scores[last]! }] : [];
    });
    return {
      type: 'scatter',
      mode: 'markers',
      name: `${corpus}: ${metrics[last].title}`,
      x: own.map(({ at }) => at + 0.18 + (0.24 * (k + 0.5)) / corpora.length),
      y: own.map(({ score }) => 100 * score.value),
      error_y: errorBars(
        own.map(({ score }) => score),
        colorOf[corpus],
      ),
      marker: { color: colorOf[corpus], size: 9, line: { color: '#ffffff', width: 1 } },
      hovertemplate: `${corpus}: ${metrics[last].title} %{y:.1f} %<extra></extra>`,
    };
  });
  return [...bars, ...dots];
}

/** The number on a bar, as exactly as its width in pixels allows. */
function barText(value: number, width: number): string {
  return width < 34 ? '' : formatPercent(value, width < 50 ? 0 : 1);
}

/** Space above the plot for the entries of the legend, five a line; pixels. */
export function marginAbove(traces: readonly Trace[]): number {
  return 100 + 20 * Math.ceil(traces.length / 5);
}

function errorBars(
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
