import {
  type Clip,
  corpusOrder,
  type Emotion,
  extremes,
  shownClasses,
  formatCount,
  notStated,
} from '../base';
import { crossTable, inOrder } from './corpus-counts';
import { type Annotation, type Attributes, type Figure, labelsOf, literal } from './figure';
import { baseLayout, inks, plainAxis, sequentialScale } from './theme';

/**
 * Draws the number of clips per speaker and emotion: one column per speaker, grouped by corpus. The colour scale is logarithmic,
 * because speakers have between a dozen and more than a thousand clips; an empty cell means no clips.
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
  // JSON, because two names joined by a space are not a unique key.
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
  const emotions = shownClasses(clips.map(({ emotion }) => emotion));
  const counts = emotions.map((emotion) => columns.map((column) => table.count(emotion, column)));
  const { most: largest } = extremes(counts.flat());
  const { least: smallest } = extremes(counts.flat().filter((count) => count > 0));
  const few = columns.length <= 30;
  const textSize = Math.min(12, 800 / columns.length / String(largest).length);

  const corpusLabels = labelsOf(corpora, 20).map((label, i) =>
    few ? label : `${label} (${formatCount(speakersOf[i].length)})`,
  );
  const annotations: Annotation[] = [];
  const shapes: Attributes[] = [];
  const line = { color: inks.text, width: 1 };
  const placed = placeHeadings(corpusLabels, {
    columns: speakersOf.map(({ length }) => length),
    columnWidth: speakerPlot.width / columns.length,
  });
  const { most: levels } = extremes(placed.map(({ level }) => level));
  placed.forEach(({ at, level, xanchor }, i) => {
    annotations.push({
      ...{ text: corpusLabels[i], font: { size: 12.5 } },
      ...{ x: at, xref: 'x', xanchor, xshift: { left: -3, center: 0, right: 3 }[xanchor] },
      ...{ y: 1, yref: 'paper', yanchor: 'bottom', yshift: level * headingHeight, showarrow: false },
    });
    if (level > 0) {
      const y1 = 1 + (level * headingHeight + 3) / speakerPlot.height;
      shapes.push({ type: 'line', x0: at, x1: at, y0: 1, y1, xref: 'x', yref: 'paper', line });
    }
  });
  let start = 0;
  for (const { length } of speakersOf.slice(0, -1)) {
    start += length;
    const x = start - 0.5;
    shapes.push({ type: 'line', x0: x, x1: x, y0: 0, y1: 1, xref: 'x', yref: 'paper', line });
  }

  const ticks = [1, 3, 10, 30, 100, 300, 1000, 3000].filter((value) => value >= smallest && value <= largest);
  return {
    data: [
      {
        type: 'heatmap',
        x: columns.map((_, i) => i),
        y: emotions,
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
          title: { text: 'Number<br>of clips<br>(empty: 0)', side: 'top', font: { size: 12 } },
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
        height: 92 + levels * headingHeight + speakerPlot.height + (few ? 110 : 56),
        margin: { t: 112 + levels * headingHeight },
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

/** Approximate size of the cells of {@link speakerEmotionHeatmap} in pixels. */
const speakerPlot = { width: 500, height: 230 };
/** Height of a line of headings, and width of a character in them, in pixels. */
const headingHeight = 17;
const characterWidth = 7;
/** Space for headings above the names of the emotions, in pixels. */
const leftOfPlot = 70;

interface Heading {
  /** middle of the group, in columns */
  at: number;
  /** line above the plot, 0 for the lowest */
  level: number;
  xanchor: 'left' | 'center' | 'right';
}

/**
 * Places a heading above each group of columns, one line higher if it would overlap another heading. A heading wider than its group is
 * right-aligned with the middle of the group, or left-aligned near the left edge, so that the lines from headings to groups do not cross it.
 */
function placeHeadings(
  labels: readonly string[],
  { columns, columnWidth }: { columns: readonly number[]; columnWidth: number },
): Heading[] {
  let start = 0;
  const headings = labels.map((label, i) => {
    const at = start + (columns[i] - 1) / 2;
    start += columns[i];
    const width = (label.length * characterWidth) / columnWidth;
    const fitsLeft = width * columnWidth < at * columnWidth + leftOfPlot;
    const xanchor: Heading['xanchor'] = width <= columns[i] ? 'center' : fitsLeft ? 'right' : 'left';
    const from = at - { left: 0, center: 0.5, right: 1 }[xanchor] * width;
    return { at, level: 0, xanchor, from, to: from + width + characterWidth / columnWidth };
  });
  const isAtEdge = ({ xanchor }: Heading): boolean => xanchor === 'left';
  const placing = [...headings.filter(isAtEdge).reverse(), ...headings.filter((one) => !isAtEdge(one))];
  for (const [i, heading] of placing.entries()) {
    const covers = (other: (typeof headings)[number]): boolean =>
      other.level === heading.level && other.from < heading.to && heading.from < other.to;
    while (placing.slice(0, i).some(covers)) heading.level++;
  }
  return headings;
}
