import { type Emotion, emotions, formatCount, formatPercent, InvalidArgumentError } from '../base';
import type { Figure } from './figure';
import { baseLayout, emotionColors, inks, plainAxis, valueAxis } from './theme';

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
