import { type Clip, corpusOrder, formatCount } from '../base';
import { crossTable } from './cross-table';
import type { Figure } from './figure';
import { baseLayout, colorsOfCorpora, plainAxis, valueAxis } from './theme';

/**
 * How many clips each corpus has at each sample rate. Counts are on a logarithmic axis, so that a single clip at a
 * rate of its own is seen beside thousands.
 *
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function sampleRatesFigure(
  clips: readonly Pick<Clip, 'corpus' | 'sampleRate'>[],
  { source }: { source: string },
): Figure {
  const table = crossTable(clips.length, {
    rowOf: (i) => clips[i].corpus,
    columnOf: (i) => String(clips[i].sampleRate),
    rowOrder: corpusOrder,
  });
  const colors = colorsOfCorpora(table.rows);
  const kilohertz = (rate: string): string => `${Number(rate) / 1000} kHz`;
  // One place a rate and corpus that occur together: no bar hides another, and none is left empty.
  const bars = table.columns.flatMap((rate) =>
    table.rows.filter((corpus) => table.count(corpus, rate) > 0).map((corpus) => ({ corpus, rate })),
  );
  const position = (corpus: string, rate: string): number =>
    bars.findIndex((bar) => bar.corpus === corpus && bar.rate === rate);
  const largest = Math.max(...bars.map(({ corpus, rate }) => table.count(corpus, rate)));

  return {
    data: table.rows.map((corpus) => {
      const rates = bars.filter((bar) => bar.corpus === corpus).map(({ rate }) => rate);
      const counts = rates.map((rate) => table.count(corpus, rate));
      return {
        type: 'bar',
        name: corpus,
        x: rates.map((rate) => position(corpus, rate)),
        y: counts,
        width: 0.72,
        text: counts.map(formatCount),
        textposition: 'outside',
        cliponaxis: false,
        customdata: rates.map(kilohertz),
        marker: { color: colors[corpus] },
        hovertemplate: `${corpus}, %{customdata}: %{y:,} clips<extra></extra>`,
      };
    }),
    layout: baseLayout(
      { title: 'Clips by sample rate and corpus', source },
      {
        barmode: 'overlay',
        showlegend: false,
        xaxis: plainAxis('Sample rate (kHz) and corpus', {
          tickvals: bars.map((_, i) => i),
          ticktext: bars.map(({ corpus, rate }) => `${kilohertz(rate)}<br>${corpus}`),
          range: [-0.6, bars.length - 0.4],
        }),
        yaxis: valueAxis('Number of clips (logarithmic)', {
          type: 'log',
          range: [Math.log10(0.5), Math.log10(largest * 2.5)],
          tickvals: [1, 10, 100, 1000, 10000, 100000],
          tickformat: ',',
        }),
      },
    ),
  };
}
