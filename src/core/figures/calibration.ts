import { formatPercent, InvalidArgumentError } from '../base';
import { type Abstention, type Calibration, protocolText } from '../evaluation';
import { type Figure, literal, type Trace } from './figure';
import { baseLayout, inks, runColor, sharedProtocol, valueAxis } from './theme';

/** One curve of {@link reliabilityFigure}. */
export interface ReliabilityCurve {
  /** for example `as trained`, `temperature 1.6` */
  name: string;
  calibration: Calibration;
}

/**
 * Draws a reliability diagram: accuracy by confidence, and below it a histogram of the confidence. Calibrated predictions are on
 * the diagonal, overconfident ones below it.
 *
 * @throws {@link InvalidArgumentError} if there are no curves, or they have different protocols
 * @example
 * ```ts
 * reliabilityFigure([{ name: 'as trained', calibration: calibration(predictions) }], { source: 'SAVEE, 480 clips' });
 * ```
 */
export function reliabilityFigure(
  curves: readonly ReliabilityCurve[],
  { source, title = 'Is the model as accurate as it is confident?' }: { source: string; title?: string },
): Figure {
  if (curves.length === 0) throw new InvalidArgumentError('curves', 'a list with at least one curve', []);
  const under = sharedProtocol(curves.map(({ calibration }) => calibration));
  const percent = (share: number): number => 100 * share;
  const data = curves.flatMap(({ name, calibration: { bins, ece, rows } }, i): Trace[] => [
    {
      type: 'scatter',
      mode: 'lines+markers',
      name: `${literal(name)}: ECE ${formatPercent(ece)}`,
      x: bins.map(({ confidence }) => percent(confidence)),
      y: bins.map(({ accuracy }) => percent(accuracy)),
      error_y: {
        type: 'data',
        symmetric: false,
        array: bins.map(({ accuracy, interval }) => percent(interval[1] - accuracy)),
        arrayminus: bins.map(({ accuracy, interval }) => percent(accuracy - interval[0])),
        thickness: 1,
        width: 3,
      },
      line: { color: runColor(i), width: 2 },
      marker: { color: runColor(i), size: 7 },
      hovertemplate: 'confidence %{x:.1f} %: accuracy %{y:.1f} %<extra></extra>',
    },
    {
      type: 'bar',
      x: bins.map(({ from, to }) => percent(from + to) / 2),
      y: bins.map((bin) => percent(bin.rows / rows)),
      width: bins.map(({ from, to }) => percent(to - from) * (curves.length > 1 ? 0.9 : 0.96)),
      marker: {
        color: curves.length > 1 ? 'rgba(0,0,0,0)' : runColor(i),
        line: { color: runColor(i), width: curves.length > 1 ? 1.75 : 0 },
      },
      yaxis: 'y2',
      hovertemplate: '%{y:.1f} % of the rows<extra></extra>',
      showlegend: false,
    },
  ]);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'perfectly calibrated',
        x: [0, 100],
        y: [0, 100],
        line: { color: inks.axis, width: 1.5, dash: 'dash' },
        hoverinfo: 'skip',
      },
      ...data,
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(under) },
      {
        height: 560,
        barmode: 'overlay',
        margin: { t: 118 },
        xaxis: valueAxis('Confidence: probability of the predicted emotion (%)', {
          range: [0, 100],
          anchor: 'y2',
        }),
        yaxis: valueAxis('Accuracy (%)', { range: [0, 103], domain: [0.32, 1] }),
        yaxis2: valueAxis('Rows (%)', { domain: [0, 0.24], rangemode: 'tozero', nticks: 4 }),
      },
    ),
  };
}

/** One curve of {@link abstentionFigure}. */
export interface AbstentionCurve {
  /** name of the run */
  name: string;
  abstention: Abstention;
  /** minimum confidence of an answer, 0 to 1, to mark on the curve */
  threshold?: number;
}

const maxPoints = 400;
/** In percent with two decimals: half as long in JSON, and exact enough for a plot. */
const shortPercent = (share: number): number => Math.round(1e4 * share) / 100;
/** Fewer predictions do not give a stable accuracy. */
const minPredictions = 20;

/**
 * Draws accuracy against coverage: how much a model gains by abstaining when its confidence is low. A flat line means that the
 * confidence is uninformative.
 *
 * @throws {@link InvalidArgumentError} if there are no curves, or they have different protocols
 * @example
 * ```ts
 * abstentionFigure([{ name: 'compact', abstention: abstention(predictions) }], { source: 'SAVEE, 480 clips' });
 * ```
 */
export function abstentionFigure(
  curves: readonly AbstentionCurve[],
  { source, title = 'Accuracy if the model may abstain' }: { source: string; title?: string },
): Figure {
  if (curves.length === 0) throw new InvalidArgumentError('curves', 'a list with at least one curve', []);
  const under = sharedProtocol(curves.map(({ abstention }) => abstention));
  return {
    data: curves.flatMap(({ name, abstention, threshold: marked }, i): Trace[] => {
      const { coverage, accuracy, threshold, aurc, errorRate, rows } = abstention;
      const enough = Array.from(coverage.keys()).filter((at) => coverage[at] * rows >= minPredictions);
      const step = Math.ceil(enough.length / maxPoints);
      const shown = enough.filter((_, at) => at % step === 0 || at === enough.length - 1);
      return [
        {
          type: 'scatter',
          mode: 'lines',
          name: `${literal(name)}: AURC ${aurc.toFixed(3)}, error rate ${formatPercent(errorRate)}`,
          x: shown.map((at) => shortPercent(coverage[at])),
          y: shown.map((at) => shortPercent(accuracy[at])),
          customdata: shown.map((at) => shortPercent(threshold[at])),
          line: { color: runColor(i), width: 2.5 },
          hovertemplate:
            'coverage %{x:.1f} %: accuracy %{y:.1f} % (confidence at least %{customdata:.0f} %)<extra></extra>',
        },
        {
          type: 'scatter',
          mode: 'lines',
          x: [0, 100],
          y: [100 * (1 - errorRate), 100 * (1 - errorRate)],
          line: { color: runColor(i), width: 1.25, dash: 'dot' },
          hoverinfo: 'skip',
          showlegend: false,
        },
        ...(marked === undefined ? [] : thresholdMark(abstention, marked, runColor(i))),
      ];
    }),
    layout: baseLayout(
      { title, source, protocol: protocolText(under) },
      {
        height: 430,
        showlegend: true,
        margin: { t: 100 + 22 * curves.length },
        legend: { orientation: 'v' },
        annotations: [
          {
            text: 'dotted: without abstaining',
            x: 0,
            y: 100 * (1 - curves[0].abstention.errorRate),
            xanchor: 'left',
            yanchor: 'top',
            showarrow: false,
            font: { size: 11.5, color: inks.quiet },
          },
        ],
        xaxis: valueAxis('Coverage: rows predicted, most confident first (%)', { range: [0, 100] }),
        yaxis: valueAxis('Accuracy (%)', { nticks: 8 }),
      },
    ),
  };
}

/** A marker at the coverage and accuracy with this threshold; none if no answer reaches it. */
function thresholdMark(
  { threshold, coverage, accuracy }: Abstention,
  marked: number,
  color: string,
): Trace[] {
  const at = threshold.findLastIndex((value) => value >= marked);
  if (at < 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'markers+text',
      x: [100 * coverage[at]],
      y: [100 * accuracy[at]],
      text: [`from ${formatPercent(marked, 0)}`],
      textposition: coverage[at] > 0.8 ? 'top left' : 'top right',
      cliponaxis: false,
      marker: { color, size: 11, line: { color: '#ffffff', width: 1.5 } },
      hovertemplate: 'coverage %{x:.1f} %: accuracy %{y:.1f} %<extra></extra>',
      showlegend: false,
    },
  ];
}
