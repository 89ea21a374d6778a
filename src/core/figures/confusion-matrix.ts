import { formatCount, formatPercent } from "../base";
import { type ConfusionMatrix, protocolText, rowShares } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, colorBar, inks, plainAxis, sequentialScale } from './theme';

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
