import { type Clip, corpusOrder, type Emotion, emotions, formatCount, notStated } from '../base';
import { crossTable, inOrder } from './cross-table';
import type { Annotation, Attributes, Figure } from './figure';
import { baseLayout, inks, plainAxis, sequentialScale } from './theme';

/**
 * How many clips each speaker gave to each emotion: one column a speaker, grouped by corpus, on a logarithmic colour
 * scale, since speakers range from a dozen clips to more than a thousand. An empty cell is white: no clip at all.
 *
 * @param clips - those without a speaker form the column "not stated" of their corpus
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function speakerEmotionHeatmap(
  clips: readonly Pick<Clip, 'emotion' | 'corpus' | 'speaker'>[],
  { source }: { source: string },
): Figure {
  const corpora = inOrder(
    clips.map(({ corpus }) => corpus),
    corpusOrder,
  );
  const speakersOf = corpora.map((corpus) =>
    inOrder(
      clips.filter((clip) => clip.corpus === corpus).map(({ speaker }) => speaker ?? notStated),
      [],
    ),
  );
  const columnName = (corpus: string, speaker: string): string =>
    speaker.startsWith(corpus) ? speaker : `${corpus} ${speaker}`;
  const columns = corpora.flatMap((corpus, i) => speakersOf[i].map((speaker) => columnName(corpus, speaker)));
  const table = crossTable<Emotion, string>(clips.length, {
    rowOf: (i) => clips[i].emotion,
    columnOf: (i) => columnName(clips[i].corpus, clips[i].speaker ?? notStated),
    columns,
  });
  const counts = emotions.map((emotion) => columns.map((column) => table.count(emotion, column)));
  const largest = Math.max(...counts.flat());
  const smallest = Math.min(...counts.flat().filter((count) => count > 0));
  const few = columns.length <= 30;
  const textSize = Math.min(12, 800 / columns.length / String(largest).length);

  const annotations: Annotation[] = [];
  const shapes: Attributes[] = [];
  let start = 0;
  corpora.forEach((corpus, i) => {
    const size = speakersOf[i].length;
    const narrow = size < columns.length / 12;
    annotations.push({
      text: few ? corpus : `${corpus}${narrow ? ' ' : '<br>'}${size}`,
      font: { size: narrow ? 11 : 13 },
      x: start + (size - 1) / 2,
      y: 1,
      xref: 'x',
      yref: 'paper',
      yanchor: 'bottom',
      showarrow: false,
      textangle: narrow && !few ? -90 : 0,
    });
    start += size;
    if (start < columns.length) {
      const x = start - 0.5;
      const line = { color: inks.text, width: 1 };
      shapes.push({ type: 'line', x0: x, x1: x, y0: 0, y1: 1, xref: 'x', yref: 'paper', line });
    }
  });

  const ticks = [1, 3, 10, 30, 100, 300, 1000, 3000].filter((value) => value >= smallest && value <= largest);
  return {
    data: [
      {
        type: 'heatmap',
        x: columns.map((_, i) => i),
        y: [...emotions],
        z: counts.map((row) => row.map((count) => (count > 0 ? Math.log10(count) : null))),
        customdata: counts,
        text: counts.map((row) => row.map(String)),
        texttemplate: few ? '%{text}' : '',
        textfont: { size: textSize },
        colorscale: sequentialScale,
        zmin: Math.log10(smallest),
        zmax: Math.log10(Math.max(largest, 2 * smallest)),
        xgap: few ? 1 : 0,
        ygap: 1,
        hovertemplate: '%{x}, %{y}: %{customdata} clips<extra></extra>',
        colorbar: {
          title: { text: 'Number<br>of clips<br>(white: 0)', side: 'top', font: { size: 12 } },
          tickvals: ticks.map(Math.log10),
          ticktext: ticks.map(formatCount),
          thickness: 12,
          outlinewidth: 0,
        },
      },
    ],
    layout: baseLayout(
      { title: 'Clips per speaker and emotion', source },
      {
        margin: { t: few ? 112 : 142 },
        annotations,
        shapes,
        xaxis: plainAxis(`Speakers (${formatCount(columns.length)}, one column each)`, {
          tickvals: few ? columns.map((_, i) => i) : [],
          ticktext: few ? columns : [],
          ticks: '',
          ticklabelstandoff: 3,
          tickangle: -90,
          tickfont: { size: 11 },
          range: [-0.5, columns.length - 0.5],
          showline: false,
        }),
        yaxis: plainAxis('Emotion', {
          autorange: 'reversed',
          showline: false,
          ticks: '',
          ticklabelstandoff: 5,
        }),
      },
    ),
  };
}
