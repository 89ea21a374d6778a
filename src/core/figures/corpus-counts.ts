import {
  type Clip,
  corpusOrder,
  countOf,
  type Emotion,
  shownClasses,
  formatCount,
  formatPercent,
  intensities,
  InvalidArgumentError,
  notStated,
} from '../base';
import { type Figure, labelsOf } from './figure';
import { baseLayout, classColor, plainAxis, valueAxis } from './theme';

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
  const names = shownClasses(clips.map(({ emotion }) => emotion));
  const counts = new Map<Emotion, number>(names.map((emotion) => [emotion, 0]));
  for (const { emotion } of clips) counts.set(emotion, (counts.get(emotion) ?? 0) + 1);
  const values = [...counts.values()];

  return {
    data: [
      {
        type: 'bar',
        x: names,
        y: values,
        text: values.map(formatCount),
        textposition: 'outside',
        cliponaxis: false,
        marker: { color: names.map((emotion) => classColor(emotion, names)) },
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
 * `ser.figures.speakerEmotions`.
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
    columns: shownClasses(clips.map(({ emotion }) => emotion)),
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
        marker: {
          color: classColor(emotion, table.columns),
          line: { color: '#ffffff', width: few ? 0.75 : 0 },
        },
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
