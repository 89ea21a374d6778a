import { formatCount, formatPercent } from "../base";
import { type ClassificationReport, protocolText } from '../evaluation';
import type { Figure } from './figure';
import { baseLayout, emotionColors, inks, plainAxis, valueAxis } from './theme';

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
