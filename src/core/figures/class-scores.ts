import { type Emotion, emotions, formatCount, formatPercent, InvalidArgumentError } from '../base';
import { type ClassificationReport, type ConfusionMatrix, protocolText, rowShares } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, colorBar, emotionColors, inks, plainAxis, sequentialScale, valueAxis } from './theme';

/**
 * The paper's Fig. 9: how often each emotion was taken for each, as counts, and as shares of the actual emotion, which the
 * colours show. The diagonal is the recall.
 */
export function confusionMatrixFigure(
  matrix: ConfusionMatrix,
  { source, title = 'Confusion matrix' }: { source: string; title?: string },
): Figure {
  const { classes, counts } = matrix;
  const size = classes.length;
  const shares = rowShares(matrix);
  const table = <T>(of: (at: number) => T): T[][] =>
    classes.map((_, row) => classes.map((__, column) => of(row * size + column)));
  const supports = classes.map((_, row) =>
    counts.subarray(row * size, (row + 1) * size).reduce((sum, count) => sum + count, 0),
  );
  return {
    data: [
      {
        type: 'heatmap',
        x: [...classes],
        y: [...classes],
        z: table((at) => (Number.isNaN(shares[at]) ? null : Math.round(1000 * shares[at]) / 10)),
        customdata: table((at) => counts[at]),
        zmin: 0,
        zmax: 100,
        colorscale: [[0, '#ffffff'], ...sequentialScale.map(([at, color]) => [0.08 + 0.92 * at, color])],
        xgap: 1,
        ygap: 1,
        hovertemplate: '%{y} taken for %{x}: %{customdata:,} (%{z} %)<extra></extra>',
        colorbar: { ...colorBar('Share (%)'), tickvals: [0, 25, 50, 75, 100] },
      },
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(matrix) },
      {
        height: 150 + 58 * size,
        // Plotly's own cell texts choose their colour badly on the way from light to dark
        annotations: classes.flatMap((actual, row) =>
          classes.map((predicted, column) => {
            const at = row * size + column;
            return {
              text: Number.isNaN(shares[at])
                ? '–'
                : `<b>${formatPercent(shares[at])}</b><br>${formatCount(counts[at])}`,
              x: predicted,
              y: actual,
              showarrow: false,
              font: { size: 11.5, color: shares[at] > 0.5 ? '#ffffff' : inks.text },
            };
          }),
        ),
        xaxis: plainAxis('Predicted emotion', { showline: false, ticks: '', type: 'category' }),
        yaxis: plainAxis('Actual emotion (rows)', {
          type: 'category',
          autorange: 'reversed',
          showline: false,
          ticks: '',
          ticklabelstandoff: 5,
          tickvals: [...classes],
          ticktext: classes.map((emotion, row) => `${emotion}<br>${formatCount(supports[row])}`),
        }),
      },
    ),
  };
}

/** F1 of each emotion as bars, with its precision and recall: the paper's Table III as a picture. */
export function classScoresFigure(
  report: ClassificationReport,
  { source, title = 'F1, precision and recall of each emotion' }: { source: string; title?: string },
): Figure {
  const { classes, macro } = report;
  const names = classes.map(({ emotion }) => emotion);
  const marks = (name: 'precision' | 'recall', symbol: string): Figure['data'][number] => ({
    type: 'scatter',
    mode: 'markers',
    name,
    x: names,
    y: classes.map((one) => 100 * one[name]),
    marker: { symbol, size: 11, color: '#ffffff', line: { color: inks.text, width: 1.5 } },
    hovertemplate: `%{x}: ${name} %{y:.1f} %<extra></extra>`,
  });
  return {
    data: [
      {
        type: 'bar',
        name: 'F1',
        x: names,
        y: classes.map(({ f1 }) => 100 * f1),
        marker: { color: names.map((emotion) => emotionColors[emotion]) },
        hovertemplate: '%{x}: F1 %{y:.1f} %<extra></extra>',
        showlegend: false,
      },
      marks('precision', 'triangle-up'),
      marks('recall', 'circle'),
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(report) },
      {
        height: 430,
        bargap: 0.3,
        margin: { t: 118 },
        shapes: [
          {
            type: 'line',
            xref: 'paper',
            x0: 0,
            x1: 1,
            y0: 100 * macro.f1,
            y1: 100 * macro.f1,
            line: { color: inks.line, width: 1.75, dash: 'dash' },
            name: `macro F1 ${formatPercent(macro.f1)}`,
            showlegend: true,
          },
        ],
        xaxis: plainAxis('Emotion', {
          tickvals: names,
          ticktext: classes.map(
            ({ emotion, f1, support }) =>
              `${emotion}<br><b>${formatPercent(f1)}</b><br>${formatCount(support)} rows`,
          ),
        }),
        yaxis: valueAxis('Score (%)', { range: [0, 104] }),
      },
    ),
  };
}

/**
 * The share of each emotion, with what a classifier scores that has learnt nothing: one that draws an emotion evenly,
 * and one that always answers the largest. The latter's accuracy is the largest share; its unweighted average recall
 * (UAR) is one over the number of emotions that occur.
 *
 * @param counts - clips per emotion; an emotion that is absent or 0 does not count as a class
 * @throws {@link InvalidArgumentError} if a count is negative or all are 0
 */
export function imbalanceFigure(
  counts: Readonly<Partial<Record<Emotion, number>>>,
  { source }: { source: string },
): Figure {
  const values = emotions.map((emotion) => counts[emotion] ?? 0);
  if (values.some((value) => !(value >= 0))) {
    throw new InvalidArgumentError('counts', 'counts of at least 0', counts);
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) throw new InvalidArgumentError('counts', 'at least one clip in all', counts);

  const classes = values.filter((value) => value > 0).length;
  const largest = Math.max(...values);
  const winners = emotions.filter((_, i) => values[i] === largest);
  const answer = winners.length === 1 ? `always “${winners[0]}”` : 'always the largest class';
  const chance = formatPercent(1 / classes);
  const line = (y: number, name: string, color: string, dash: string): Record<string, unknown> => ({
    type: 'line',
    xref: 'paper',
    x0: 0,
    x1: 1,
    y0: y,
    y1: y,
    line: { color, width: 1.75, dash },
    name,
    showlegend: true,
  });

  return {
    data: [
      {
        type: 'bar',
        x: [...emotions],
        y: values.map((value) => (100 * value) / total),
        customdata: values,
        marker: { color: emotions.map((emotion) => emotionColors[emotion]) },
        hovertemplate: '%{x}: %{y:.1f} %, %{customdata:,} clips<extra></extra>',
        showlegend: false,
      },
    ],
    layout: baseLayout(
      { title: 'Share of each emotion, and what guessing scores', source },
      {
        bargap: 0.25,
        showlegend: true,
        height: 430,
        margin: { t: 134 },
        legend: { orientation: 'v' },
        shapes: [
          line(
            (100 * largest) / total,
            `${answer}: accuracy ${formatPercent(largest / total)}, UAR ${chance}`,
            inks.line,
            'solid',
          ),
          line(
            100 / classes,
            `even guess among ${classes}: accuracy ${chance}, UAR ${chance}`,
            inks.text,
            'dash',
          ),
        ],
        xaxis: plainAxis('Emotion', {
          tickvals: [...emotions],
          ticktext: emotions.map((emotion, i) =>
            [emotion, `<b>${formatPercent(values[i] / total)}</b>`, formatCount(values[i])].join('<br>'),
          ),
        }),
        yaxis: valueAxis('Share of clips (%)', {
          range: [0, (108 * largest) / total],
          showgrid: false,
        }),
      },
    ),
  };
}
