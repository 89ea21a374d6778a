import { InvalidArgumentError } from '../base';
import { protocolMark, protocolText, type ScoreReport, type UnderProtocol } from '../evaluation';
import { type Figure, labelsOf, literal, type Trace } from './figure';
import { type BarMetric, columnsLayout, scoreBars, slotOf } from './score-bars';
import { baseLayout, inks, runColor, valueAxis } from './theme';

/** Loss and scores of one epoch. */
export interface EpochScores {
  /** counted from 1 */
  epoch: number;
  loss: number;
  /** 0 to 1 */
  accuracy: number;
  valLoss?: number;
  /** 0 to 1 */
  valAccuracy?: number;
  /** unweighted average recall, 0 to 1; not drawn, but can determine the kept epoch */
  valUar?: number;
}

/** One run of {@link trainingCurvesFigure}. */
export interface TrainingRun {
  name: string;
  history: readonly EpochScores[];
}

/** The options of {@link trainingCurvesFigure}. */
export interface TrainingCurvesOptions {
  /** description of the clips, shown below the title */
  source: string;
  /** how training, validation and test rows were separated */
  protocol: UnderProtocol;
  title?: string;
  /** how the kept epoch was chosen (`training.monitor` in the config); validation accuracy by default */
  bestBy?: 'valAccuracy' | 'valUar' | 'valLoss' | 'last';
}

/**
 * Draws loss and accuracy by epoch (the paper's Fig. 10): training dotted, validation solid, and a star at the epoch from which the
 * weights are kept. Several runs are overlaid.
 *
 * @example
 * ```ts
 * trainingCurvesFigure([{ name: 'fold 1', history }], { source: 'SAVEE, 480 clips', protocol: report });
 * ```
 *
 * @throws {@link InvalidArgumentError} if there are no runs, or a run has no epochs
 */
export function trainingCurvesFigure(
  runs: readonly TrainingRun[],
  {
    source,
    protocol,
    title = 'Loss and accuracy during training',
    bestBy = 'valAccuracy',
  }: TrainingCurvesOptions,
): Figure {
  const empty = runs.find(({ history }) => history.length === 0);
  if (runs.length === 0 || empty) {
    throw new InvalidArgumentError('runs', 'runs of at least one epoch each', empty?.name ?? []);
  }
  const curve = (run: number, key: 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy'): Trace => {
    const { name, history } = runs[run];
    const isLoss = key === 'loss' || key === 'valLoss';
    const isValidation = key === 'valLoss' || key === 'valAccuracy';
    return {
      type: 'scatter',
      mode: history.length === 1 ? 'markers' : 'lines',
      name: runs.length === 1 ? (isValidation ? 'validation' : 'training') : literal(name),
      x: history.map(({ epoch }) => epoch),
      y: history.map((epoch) => valueOf(epoch[key], isLoss)),
      xaxis: isLoss ? 'x' : 'x2',
      yaxis: isLoss ? 'y' : 'y2',
      legendgroup: literal(name),
      // One legend entry for both panels; for several runs, the one of the solid line.
      showlegend: isLoss && (runs.length === 1 || isValidation === hasValidation(history)),
      line: { color: runColor(run), width: isValidation ? 2.25 : 1.75, dash: isValidation ? 'solid' : 'dot' },
      hovertemplate: `epoch %{x}: %{y:.3~f}<extra>${literal(name)}, ${isValidation ? 'validation' : 'training'}</extra>`,
    };
  };
  const data = runs.flatMap(({ history }, run) => [
    curve(run, 'loss'),
    curve(run, 'accuracy'),
    ...(hasValidation(history)
      ? [curve(run, 'valLoss'), curve(run, 'valAccuracy'), ...keptMarks(runs, run, bestBy)]
      : []),
  ]);
  const time = { nticks: 8, showgrid: false, rangemode: 'tozero', ticklabelstandoff: 5 };
  const entries = runs.length > 1 ? runs.map(({ name }) => literal(name)) : ['validation', 'training'];
  const legend = legendSize(entries, 800);
  // The line styles are explained at the right: beside a legend of one line, or below a longer one.
  const lines = legend.width > 440 ? legend.lines : 0;
  return {
    data,
    layout: baseLayout(
      { title, source, protocol: protocolText(protocol) },
      {
        width: 900,
        height: 430 + lines * legendLine,
        margin: { t: 124 + lines * legendLine },
        showlegend: true,
        legend: { y: 1.02 + (lines > 0 ? 1 : 0) * (legendLine / 250) },
        xaxis: valueAxis('Epoch', { ...time, domain: [0, 0.46], anchor: 'y' }),
        xaxis2: valueAxis('Epoch', { ...time, domain: [0.56, 1], anchor: 'y2' }),
        yaxis: valueAxis('Loss (cross-entropy, nats)', { rangemode: 'tozero' }),
        yaxis2: valueAxis('Accuracy (%)', { anchor: 'x2', range: [0, 102] }),
        annotations: [
          {
            text: 'dotted: training rows · solid: validation rows · star: kept epoch',
            x: 1,
            y: 1.02,
            xref: 'paper',
            yref: 'paper',
            xanchor: 'right',
            yanchor: 'bottom',
            showarrow: false,
            font: { size: 11.5, color: inks.quiet },
          },
        ],
      },
    ),
  };
}

/** Height of a line of a horizontal legend, in pixels. */
const legendLine = 20;

/** Estimates how Plotly arranges the entries of a horizontal legend, in pixels: in columns as wide as the longest if they need several lines. */
function legendSize(names: readonly string[], available: number): { width: number; lines: number } {
  const widths = names.map((name) => 45 + 7 * name.length);
  const width = widths.reduce((sum, one) => sum + one, 0);
  if (width <= available) return { width, lines: 1 };
  const columns = Math.max(1, Math.floor(available / Math.max(...widths)));
  return { width: available, lines: Math.ceil(names.length / columns) };
}

function hasValidation(history: readonly EpochScores[]): boolean {
  return history.some(({ valAccuracy }) => valAccuracy !== undefined);
}

function valueOf(value: number | undefined, isLoss: boolean): number | null {
  return value === undefined ? null : isLoss ? value : 100 * value;
}

/** Stars in both panels at the epoch from which the weights are kept. */
function keptMarks(
  runs: readonly TrainingRun[],
  run: number,
  bestBy: NonNullable<TrainingCurvesOptions['bestBy']>,
): Trace[] {
  const { name, history } = runs[run];
  const merit = (scores: EpochScores): number => {
    if (bestBy === 'last') return scores.epoch;
    return bestBy === 'valLoss' ? -(scores.valLoss ?? Infinity) : (scores[bestBy] ?? -Infinity);
  };
  const kept = history.reduce((a, b) => (merit(b) > merit(a) ? b : a));
  return (['valLoss', 'valAccuracy'] as const).map((key, panel) => ({
    type: 'scatter',
    mode: 'markers',
    name: `${literal(name)}, kept epoch`,
    x: [kept.epoch],
    y: [valueOf(kept[key], key === 'valLoss')],
    xaxis: panel === 0 ? 'x' : 'x2',
    yaxis: panel === 0 ? 'y' : 'y2',
    legendgroup: literal(name),
    showlegend: false,
    marker: { symbol: 'star', size: 14, color: runColor(run), line: { color: '#ffffff', width: 1 } },
    hovertemplate: `kept epoch %{x}: %{y:.3~f}<extra>${literal(name)}</extra>`,
  }));
}

/** One run of {@link runComparisonFigure}. */
export interface ComparedRun {
  name: string;
  report: ScoreReport;
}

/** The options of {@link runComparisonFigure}. */
export interface RunComparisonOptions {
  /** description of the clips, shown below the title */
  source: string;
  title?: string;
  /** UAR by default */
  metrics?: readonly BarMetric[];
}

/**
 * Draws runs side by side: pooled scores with intervals, and the score on each corpus. If the protocols differ, each run shows its
 * own. Runs under leaky protocols are hatched.
 *
 * @throws {@link InvalidArgumentError} if there are no runs, or a report lacks a metric
 * @example
 * ```ts
 * runComparisonFigure([{ name: 'compact', report }, { name: 'wide', report: other }], { source: 'SAVEE, 480 clips' });
 * ```
 */
export function runComparisonFigure(
  runs: readonly ComparedRun[],
  { source, title = 'Runs compared', metrics = ['uar'] }: RunComparisonOptions,
): Figure {
  const reports = runs.map(({ report }) => report);
  const data = scoreBars(reports, { metrics, slot: slotOf(runs.length) });
  const names = labelsOf(runs.map(({ name }) => name));
  const isShared = new Set(reports.map(protocolMark)).size === 1;
  return {
    data,
    layout: columnsLayout(data, {
      ...{ title, source, height: 480 },
      ...(isShared && { protocol: protocolText(reports[0]) }),
      columns: {
        title: 'Run',
        texts: runs.map(({ report }, at) =>
          isShared ? names[at] : `${names[at]}<br><b>${literal(protocolMark(report), 60)}</b>`,
        ),
      },
      ...{ scores: 'Score', top: 104 },
    }),
  };
}
