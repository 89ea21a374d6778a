import { formatCount, formatPercent } from '../base';
import { type ClassificationReport, type ConfusionMatrix, protocolText, rowShares } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, classColor, colorBar, inks, plainAxis, sequentialScale, valueAxis } from './theme';

/**
 * Draws a confusion matrix (the paper's Fig. 9) with counts and row shares. The colours show the shares; the diagonal is the recall.
 *
 * @example
 * ```ts
 * confusionMatrixFigure(confusionMatrix(predictions), { source: 'SAVEE, 480 clips' });
 * ```
 */
export function confusionMatrixFigure(
  matrix: ConfusionMatrix,
  { source, title = 'Confusion matrix' }: { source: string; title?: string },
): Figure {
  const { classes, counts } = matrix;
  const size = classes.length;
  const shares = rowShares(matrix);
  const table = <T>(cell: (index: number) => T): T[][] =>
    classes.map((_, row) => classes.map((__, column) => cell(row * size + column)));
  const cells = classes.flatMap((_, row) => classes.map((__, column) => [row, column]));
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
        hovertemplate: '%{y} predicted as %{x}: %{customdata:,} (%{z} %)<extra></extra>',
        colorbar: { ...colorBar('Share (%)'), tickvals: [0, 25, 50, 75, 100] },
      },
      // The automatic colour of a heat map's own texts has too little contrast; annotations take three times as long to draw.
      {
        type: 'scatter',
        mode: 'text',
        x: cells.map(([, column]) => classes[column]),
        y: cells.map(([row]) => classes[row]),
        text: Array.from(shares, (share, at) =>
          Number.isNaN(share) ? '–' : `<b>${formatPercent(share)}</b><br>${formatCount(counts[at])}`,
        ),
        textfont: { size: 11.5, color: Array.from(shares, (share) => (share > 0.5 ? '#ffffff' : inks.text)) },
        hoverinfo: 'skip',
        showlegend: false,
      },
    ],
    layout: baseLayout(
      { title, source, protocol: protocolText(matrix) },
      {
        height: 150 + 58 * size,
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

/** Draws F1, precision and recall of each emotion (the paper's Table III). */
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
        marker: { color: names.map((emotion) => classColor(emotion, names)) },
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
