import { type Clip, corpusOrder, type Emotion, emotions, formatCount, formatPercent, intensities, notStated } from '../base';
import { crossTable } from './cross-table';
import type { Figure } from './figure';
import { baseLayout, emotionColors, plainAxis, valueAxis } from './theme';

/** A label that clips can be grouped by. */
export type ClipGroup =
  'corpus' | 'sex' | 'speaker' | 'intensity' | 'sentence' | 'race' | 'ethnicity' | 'label';

/** The options of {@link emotionsByGroupFigure}. */
export interface EmotionsByGroupOptions<By extends ClipGroup> {
  by: By;
  /** which clips these are, shown below the title */
  source: string;
  /** bars of an emotion stacked, side by side, or stacked as shares of their group; stacked by default */
  mode?: 'stack' | 'group' | 'share';
  title?: string;
}

const orders: Partial<Record<ClipGroup, readonly string[]>> = {
  corpus: corpusOrder,
  sex: ['female', 'male'],
  intensity: intensities,
};
const titled = 12;

/**
 * Emotions within each corpus, sex, speaker or other label. For more groups than about thirty see
 * {@link speakerEmotionHeatmap}.
 *
 * @param clips - those without the label form the group "not stated"
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function emotionsByGroupFigure<By extends ClipGroup>(
  clips: readonly Pick<Clip, 'emotion' | By>[],
  { by, source, mode = 'stack', title }: EmotionsByGroupOptions<By>,
): Figure {
  const table = crossTable<string, Emotion>(clips.length, {
    rowOf: (i) => clips[i][by] ?? notStated,
    columnOf: (i) => clips[i].emotion,
    rowOrder: orders[by] ?? [],
    columns: emotions,
  });
  const { rows } = table;
  const share = mode === 'share';
  const few = rows.length <= titled;

  return {
    data: table.columns.map((emotion) => {
      const counts = rows.map((row) => table.count(row, emotion));
      const shares = rows.map((row, i) => counts[i] / table.rowTotal(row));
      return {
        type: 'bar',
        name: emotion,
        x: rows,
        y: share ? shares.map((value) => 100 * value) : counts,
        customdata: counts,
        text: few && share ? shares.map((value) => (value >= 0.03 ? formatPercent(value, 0) : '')) : undefined,
        textposition: 'inside',
        insidetextanchor: 'middle',
        textangle: 0,
        textfont: { size: 11 },
        marker: { color: emotionColors[emotion], line: { color: '#ffffff', width: few ? 0.75 : 0 } },
        hovertemplate: `%{x}, ${emotion}: %{customdata:,} clips<extra></extra>`,
      };
    }),
    layout: baseLayout(
      { title: title ?? `${share ? 'Share of each emotion' : 'Clips per emotion'} by ${by}`, source },
      {
        barmode: mode === 'group' ? 'group' : 'stack',
        bargap: few ? 0.25 : 0.1,
        margin: { t: 110 },
        xaxis: plainAxis(groupTitle(by), {
          type: 'category',
          tickvals: rows,
          ticktext: few ? rows.map((row) => `${row}<br>${clipsText(table.rowTotal(row))}`) : rows,
        }),
        yaxis: valueAxis(share ? "Share of the group's clips (%)" : 'Number of clips', {
          tickformat: ',',
          ...(share ? { range: [0, 100] } : { rangemode: 'tozero' }),
        }),
      },
    ),
  };
}

function groupTitle(by: ClipGroup): string {
  return by === 'label' ? "Corpus's own label" : by[0].toUpperCase() + by.slice(1);
}

function clipsText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'clip' : 'clips'}`;
}
