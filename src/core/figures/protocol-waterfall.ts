import { formatPercent } from "../base";
import { metrics as metricTitles, protocolMark, type ProtocolStep } from '../evaluation';
import type { Annotation, Figure } from './figure';
import { type BarMetric, marginAbove, scoreBars } from './score-bars';
import { baseLayout, inks, plainAxis, valueAxis } from './theme';

export interface ProtocolWaterfallOptions {
  /** which clips, and which model, shown below the title */
  source: string;
  title?: string;
  /** accuracy and UAR by default; the falls are those of the last */
  metrics?: readonly BarMetric[];
}

/**
 * One model under one protocol after the other: what of its score was knowing the clips, what knowing the speakers, and what
 * is left. With the audit's share of test rows that have a sibling in training or validation.
 *
 * @param steps - from the loosest protocol to the strictest
 * @throws {@link InvalidArgumentError} if there are no steps, or a report lacks a metric
 */
export function protocolWaterfallFigure(
  steps: readonly ProtocolStep[],
  {
    source,
    title = 'The same model, protocol by protocol',
    metrics = ['accuracy', 'uar'],
  }: ProtocolWaterfallOptions,
): Figure {
  const reports = steps.map(({ report }) => report);
  const last = metrics[metrics.length - 1];
  const valueOf = (at: number): number => reports[at].pooled.scores[last]!.value;
  const falls = reports.slice(1).map((_, i): Annotation => {
    const fall = valueOf(i + 1) - valueOf(i);
    return {
      text: `<b>${metricTitles[last].title} ${fall > 0 ? '+' : '−'}${(100 * Math.abs(fall)).toFixed(1)}</b>`,
      x: i + 0.5,
      y: 1,
      yref: 'paper',
      yanchor: 'top',
      showarrow: false,
      font: { size: 13, color: inks.line },
      bgcolor: '#ffffff',
    };
  });
  const data = scoreBars(reports, { metrics, slot: 760 / Math.max(steps.length, 1) });
  return {
    data,
    layout: baseLayout(
      { title, source, protocol: 'protocols as named below the bars' },
      {
        width: 900,
        height: 520,
        bargap: 0,
        barmode: 'overlay',
        margin: { t: marginAbove(data) },
        annotations: falls,
        xaxis: plainAxis('Protocol', {
          range: [-0.5, steps.length - 0.5],
          tickvals: steps.map((_, at) => at),
          ticktext: steps.map(stepText),
          ticks: '',
          ticklabelstandoff: 4,
        }),
        yaxis: valueAxis('Score (%), with intervals', {
          range: [0, 112],
          tickvals: [0, 20, 40, 60, 80, 100],
        }),
      },
    ),
  };
}

function stepText({ report, siblingShare }: ProtocolStep): string {
  const lines = [`<b>${protocolMark(report)}</b>`];
  if (siblingShare !== undefined) {
    const share = formatPercent(siblingShare, siblingShare === 0 ? 0 : 1);
    lines.push(`${share} of test rows have`, 'a sibling in training', 'or validation');
  }
  return lines.join('<br>');
}
