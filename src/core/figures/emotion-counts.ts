import { type Clip, type Emotion, emotions, formatCount } from '../base';
import { requireClips } from './cross-table';
import type { Figure } from './figure';
import { baseLayout, emotionColors, plainAxis, valueAxis } from './theme';

/**
 * How many clips each emotion has: the paper's count plot, with the numbers on the bars.
 *
 * @param clips - an emotion without clips is shown with 0
 * @param options - `source`: which clips these are, shown below the title
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function emotionCountsFigure(
  clips: readonly Pick<Clip, 'emotion'>[],
  { source }: { source: string },
): Figure {
  requireClips(clips.length);
  const counts = new Map<Emotion, number>(emotions.map((emotion) => [emotion, 0]));
  for (const { emotion } of clips) counts.set(emotion, (counts.get(emotion) ?? 0) + 1);
  const values = [...counts.values()];

  return {
    data: [
      {
        type: 'bar',
        x: [...counts.keys()],
        y: values,
        text: values.map(formatCount),
        textposition: 'outside',
        cliponaxis: false,
        marker: { color: [...counts.keys()].map((emotion) => emotionColors[emotion]) },
        hovertemplate: '%{x}: %{y:,} clips<extra></extra>',
        showlegend: false,
      },
    ],
    layout: baseLayout(
      { title: 'Clips per emotion', source },
      {
        bargap: 0.25,
        xaxis: plainAxis('Emotion'),
        yaxis: valueAxis('Number of clips', { rangemode: 'tozero', tickformat: ',', showgrid: false }),
      },
    ),
  };
}
