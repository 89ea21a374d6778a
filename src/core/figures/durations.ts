import { type Clip, corpusOrder, formatCount, formatPercent } from '../base';
import { inOrder, requireClips } from './cross-table';
import type { Figure } from './figure';
import { baseLayout, colorsOfCorpora, inks, plainAxis, valueAxis } from './theme';

/** The options of {@link durationsFigure}. */
export interface DurationsOptions {
  /** which clips these are, shown below the title */
  source: string;
  /** a length to mark, in seconds; the paper reads 2.5 s from 0.6 s on and so needs 3.1 s */
  markSec?: number;
}

/**
 * How long the clips of each corpus are, with the length that the paper's window needs: shorter clips are filled with
 * zeros there.
 *
 * @throws {@link InvalidArgumentError} if there are no clips
 */
export function durationsFigure(
  clips: readonly Pick<Clip, 'corpus' | 'durationSec'>[],
  { source, markSec = 3.1 }: DurationsOptions,
): Figure {
  requireClips(clips.length);
  const corpora = inOrder(
    clips.map(({ corpus }) => corpus),
    corpusOrder,
  );
  const colors = colorsOfCorpora(corpora);
  const lengths = corpora.map((corpus) =>
    clips.filter((clip) => clip.corpus === corpus).map(({ durationSec }) => durationSec),
  );
  const labels = corpora.map((corpus, i) => {
    const own = lengths[i];
    const shorter = own.filter((length) => length < markSec).length / own.length;
    return `<b>${corpus}</b>, ${formatCount(own.length)} clips<br>${formatPercent(shorter, shorter === 1 ? 0 : 1)} below ${markSec} s`;
  });

  return {
    data: corpora.map((corpus, i) => ({
      type: 'violin',
      orientation: 'h',
      name: corpus,
      x: lengths[i].map((length) => Math.round(length * 1000) / 1000),
      y0: corpora.length - 1 - i,
      side: 'positive',
      width: 1.6,
      scalemode: 'width',
      spanmode: 'hard',
      points: false,
      hoverinfo: 'name+x',
      line: { color: colors[corpus], width: 1.25 },
      fillcolor: `${colors[corpus]}59`,
      box: { visible: true, width: 0.2, fillcolor: '#ffffff' },
      showlegend: false,
    })),
    layout: baseLayout(
      { title: 'Duration of the clips', source },
      {
        height: 130 + 80 * corpora.length,
        margin: { t: 104 },
        xaxis: valueAxis('Duration (s)', { rangemode: 'tozero', nticks: 12 }),
        yaxis: plainAxis('Corpus', {
          tickvals: corpora.map((_, i) => corpora.length - 0.75 - i),
          ticktext: labels,
          range: [-0.15, corpora.length - 0.05],
          ticklabelstandoff: 8,
          showline: false,
        }),
        shapes: [
          {
            type: 'line',
            x0: markSec,
            x1: markSec,
            y0: 0,
            y1: 1,
            yref: 'paper',
            line: { color: inks.line, width: 1.5, dash: 'dash' },
          },
        ],
        annotations: [
          {
            text: markSec === 3.1 ? "3.1 s: end of the paper's window (0.6 s + 2.5 s)" : `${markSec} s`,
            x: markSec,
            y: 1,
            yref: 'paper',
            yanchor: 'bottom',
            xanchor: 'left',
            xshift: -4,
            showarrow: false,
            font: { color: inks.line, size: 12 },
          },
        ],
      },
    ),
  };
}
