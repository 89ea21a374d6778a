import {
  type Clip,
  corpusOrder,
  countOf,
  type Emotion,
  emotions,
  formatCount,
  formatPercent,
  intensities,
  InvalidArgumentError,
  notStated,
} from '../base';
import { type Annotation, type Attributes, type Figure, labelsOf, literal } from './figure';
import { baseLayout, emotionColors, inks, plainAxis, sequentialScale, valueAxis } from './theme';

/**
 * Draws the number of clips per emotion (the paper's count plot).
 *
 * @example
 * ```ts
 * emotionCountsFigure(corpora.clips, { source: corpora.source });
 * ```
 *
 * @param options - `source`: description of the clips, shown below the title
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

/** A property by which clips can be grouped. */
export type ClipGroup =
  'corpus' | 'sex' | 'speaker' | 'intensity' | 'sentence' | 'race' | 'ethnicity' | 'label';

/** The options of {@link emotionsByGroupFigure}. */
export interface EmotionsByGroupOptions<By extends ClipGroup> {
  by: By;
  /** description of the clips, shown below the title */
  source: string;
  /** stacked counts (default), bars side by side, or stacked shares of each group */
  mode?: 'stack' | 'group' | 'share';
  title?: string;
}

const orders: Partial<Record<ClipGroup, readonly string[]>> = {
  corpus: corpusOrder,
  sex: ['female', 'male'],
  intensity: intensities,
};
/** Up to this number of groups, the labels show the number of clips. */
const maxLabelled = 12;

/**
 * Draws the emotions by corpus, sex, speaker or another property. For more than about thirty groups use
 * {@link speakerEmotionHeatmap}.
 *
 * @param clips - clips without the property form the group "not stated"
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
  const few = rows.length <= maxLabelled;
  // Categories must be distinct; full names also serve as hover labels.
  const categories = labelsOf(rows, 160);
  const labels = labelsOf(rows, few ? 24 : 20);

  return {
    data: table.columns.map((emotion) => {
      const counts = rows.map((row) => table.count(row, emotion));
      const shares = rows.map((row, i) => counts[i] / table.rowTotal(row));
      return {
        type: 'bar',
        name: emotion,
        x: categories,
        y: share ? shares.map((value) => 100 * value) : counts,
        customdata: counts,
        text:
          few && share ? shares.map((value) => (value >= 0.03 ? formatPercent(value, 0) : '')) : undefined,
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
          tickvals: categories,
          ticktext: few ? rows.map((row, i) => `${labels[i]}<br>${clipsText(table.rowTotal(row))}`) : labels,
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
  return countOf(count, 'clip');
}

/**
 * Draws the number of clips per speaker and emotion: one column per speaker, grouped by corpus. The colour scale is logarithmic,
 * because speakers have between a dozen and more than a thousand clips; white means no clips.
 *
 * @param clips - clips without a speaker form the column "not stated" of their corpus
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
  // A pair is a unique key; the two names joined by a space are not.
  const columnOf = (corpus: string, speaker: string): string => JSON.stringify([corpus, speaker]);
  const columns = corpora.flatMap((corpus, i) => speakersOf[i].map((speaker) => columnOf(corpus, speaker)));
  const names = corpora.flatMap((corpus, i) =>
    speakersOf[i].map((speaker) => (speaker.startsWith(corpus) ? speaker : `${corpus} ${speaker}`)),
  );
  const table = crossTable<Emotion, string>(clips.length, {
    rowOf: (i) => clips[i].emotion,
    columnOf: (i) => columnOf(clips[i].corpus, clips[i].speaker ?? notStated),
    columns,
  });
  const counts = emotions.map((emotion) => columns.map((column) => table.count(emotion, column)));
  const largest = Math.max(...counts.flat());
  const smallest = Math.min(...counts.flat().filter((count) => count > 0));
  const few = columns.length <= 30;
  const textSize = Math.min(12, 800 / columns.length / String(largest).length);

  const corpusLabels = labelsOf(corpora, 20);
  const annotations: Annotation[] = [];
  const shapes: Attributes[] = [];
  let start = 0;
  corpora.forEach((_, i) => {
    const size = speakersOf[i].length;
    const narrow = size < columns.length / 12;
    annotations.push({
      text: few ? corpusLabels[i] : `${corpusLabels[i]}${narrow ? ' ' : '<br>'}${size}`,
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
        hovertext: emotions.map(() => names.map((name) => literal(name))),
        hovertemplate: '%{hovertext}, %{y}: %{customdata} clips<extra></extra>',
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
          ticktext: few ? labelsOf(names, 24) : [],
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

/** Counts by two properties. */
export interface CrossTable<Row extends string = string, Column extends string = string> {
  rows: Row[];
  columns: Column[];
  count: (row: Row, column: Column) => number;
  rowTotal: (row: Row) => number;
  total: number;
}

/** The options of {@link crossTable}. */
export interface CrossTableOptions<Row extends string, Column extends string> {
  rowOf: (index: number) => Row;
  columnOf: (index: number) => Column;
  /** rows to list first, if present; the rest follow by name, {@link notStated} last */
  rowOrder?: readonly Row[];
  /** columns to list first, even if empty; the rest follow by name, {@link notStated} last */
  columns?: readonly Column[];
}

/**
 * Counts items by two properties.
 *
 * @param length - number of items
 * @throws {@link InvalidArgumentError} if there are no items
 */
export function crossTable<Row extends string, Column extends string>(
  length: number,
  { rowOf, columnOf, rowOrder = [], columns = [] }: CrossTableOptions<Row, Column>,
): CrossTable<Row, Column> {
  requireClips(length);
  const counts = new Map<Row, Map<Column, number>>();
  const seen = new Set<Column>();
  for (let i = 0; i < length; i++) {
    const row = rowOf(i);
    const column = columnOf(i);
    const cells = counts.get(row) ?? new Map<Column, number>();
    cells.set(column, (cells.get(column) ?? 0) + 1);
    counts.set(row, cells);
    seen.add(column);
  }
  const count = (row: Row, column: Column): number => counts.get(row)?.get(column) ?? 0;
  const allColumns = [...columns, ...inOrder(seen, []).filter((column) => !columns.includes(column))];
  return {
    rows: inOrder(counts.keys(), rowOrder),
    columns: allColumns,
    count,
    rowTotal: (row) => allColumns.reduce((sum, column) => sum + count(row, column), 0),
    total: length,
  };
}

/** Sorts unique names: first those in `order`, then the others by name (numbers in numerical order), {@link notStated} last. */
export function inOrder<Name extends string>(names: Iterable<Name>, order: readonly Name[]): Name[] {
  const rank = (name: Name): number => {
    if (name === notStated) return order.length + 1;
    const index = order.indexOf(name);
    return index < 0 ? order.length : index;
  };
  const byName = new Intl.Collator('en', { numeric: true });
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || byName.compare(a, b));
}

/** @throws {@link InvalidArgumentError} if there are no clips */
export function requireClips(length: number): void {
  if (length === 0) throw new InvalidArgumentError('clips', 'a list with at least one clip', []);
}
