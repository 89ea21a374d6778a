import { protocolMark, protocolText, type ScoreReport } from '../evaluation';
import type { Figure } from './figure';
import { type BarMetric, marginAbove, scoreBars } from './score-bars';
import { baseLayout, plainAxis, valueAxis } from './theme';

/** One run of {@link runComparisonFigure}. */
export interface ComparedRun {
  name: string;
  report: ScoreReport;
}

export interface RunComparisonOptions {
  /** which clips, shown below the title */
  source: string;
  title?: string;
  /** UAR by default */
  metrics?: readonly BarMetric[];
}

/**
 * Runs side by side: pooled scores with intervals, and those of each corpus. Runs under several protocols are named with
 * theirs, and leaky ones are hatched.
 *
 * @throws {@link InvalidArgumentError} if there are no runs, or a report lacks a metric
 */
export function runComparisonFigure(
  runs: readonly ComparedRun[],
  { source, title = 'Runs compared', metrics = ['uar'] }: RunComparisonOptions,
): Figure {
  const reports = runs.map(({ report }) => report);
  const data = scoreBars(reports, { metrics, slot: 760 / Math.max(runs.length, 1) });
  const isShared = new Set(reports.map(protocolMark)).size === 1;
  return {
    data,
    layout: baseLayout(
      { title, source, protocol: isShared ? protocolText(reports[0]) : 'protocols as named below the bars' },
      {
        width: 900,
        height: 480,
        bargap: 0,
        barmode: 'overlay',
        margin: { t: marginAbove(data) },
        xaxis: plainAxis('Run', {
          range: [-0.5, runs.length - 0.5],
          tickvals: runs.map((_, at) => at),
          ticktext: runs.map(({ name, report }) =>
            isShared ? name : `${name}<br><b>${protocolMark(report)}</b>`,
          ),
          ticks: '',
          ticklabelstandoff: 4,
        }),
        yaxis: valueAxis('Score (%), with intervals', { range: [0, 104] }),
      },
    ),
  };
}
