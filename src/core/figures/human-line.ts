import { formatCount, formatPercent } from "../base";
import { type ClassificationReport, type HumanLine, protocolText } from '../evaluation';
import type { Figure, Trace } from './figure';
import { baseLayout, emotionColors, inks, plainAxis, valueAxis } from './theme';

/**
 * Recall of each emotion by a model beside that of CREMA-D's listeners on the voices alone.
 *
 * @param report - of the model on CREMA-D's clips only ({@link selectCorpus}), so that both are of the same recordings
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
        marker: { color: names.map((emotion) => emotionColors[emotion]) },
      }),
      bar(
        listeners,
        perEmotion.map(({ recall }) => 100 * recall),
        {
          marker: {
            color: '#ffffff',
            line: { color: names.map((emotion) => emotionColors[emotion]), width: 2 },
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
