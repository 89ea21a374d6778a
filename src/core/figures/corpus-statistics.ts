import {
  extremes,
  type Clip,
  corpusOrder,
  countOf,
  type Emotion,
  shownClasses,
  formatCount,
  formatPercent,
  InvalidArgumentError,
  notStated,
  type Sex,
} from '../base';
import { crossTable, inOrder, requireClips } from './corpus-counts';
import { type Figure, labelsOf, literal } from './figure';
import { baseLayout, classColor, colorsOfCorpora, inks, plainAxis, sexColors, valueAxis } from './theme';

/** The options of {@link durationsFigure}. */
export interface DurationsOptions {
  /** description of the clips, shown below the title */
  source: string;
  /** length to mark, in seconds; 3.1 by default, because the paper reads 2.5 s after skipping 0.6 s */
  markSec?: number;
}

/**
 * Draws the distribution of clip durations by corpus, with the length that the paper's window needs. Shorter clips are padded with
 * zeros.
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
  const colorOf = colorsOfCorpora(corpora);
  const names = labelsOf(corpora);
  const lengths = corpora.map((corpus) =>
    clips.filter((clip) => clip.corpus === corpus).map(({ durationSec }) => durationSec),
  );
  const labels = corpora.map((_, i) => {
    const own = lengths[i];
    const shorter = own.filter((length) => length < markSec).length / own.length;
    return `<b>${names[i]}</b>, ${countOf(own.length, 'clip')}<br>${formatPercent(shorter, shorter === 1 ? 0 : 1)} below ${markSec} s`;
  });

  return {
    data: corpora.map((corpus, i) => ({
      type: 'violin',
      orientation: 'h',
      name: names[i],
      x: lengths[i].map((length) => Math.round(length * 1000) / 1000),
      y0: corpora.length - 1 - i,
      side: 'positive',
      width: 1.6,
      scalemode: 'width',
      spanmode: 'hard',
      points: false,
      hoverinfo: 'name+x',
      line: { color: colorOf(corpus), width: 1.25 },
      fillcolor: `${colorOf(corpus)}59`,
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

/**
 * Draws the number of clips by sample rate and corpus, on a logarithmic axis so that a single clip is visible next to thousands.
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
  const colorOf = colorsOfCorpora(table.rows);
  const labels = labelsOf(table.rows, 20);
  const kilohertz = (rate: string): string => `${Number(rate) / 1000} kHz`;
  // One position per combination of rate and corpus that occurs, so that bars do not overlap.
  const bars = table.columns.flatMap((rate) =>
    table.rows.filter((corpus) => table.count(corpus, rate) > 0).map((corpus) => ({ corpus, rate })),
  );
  const position = (corpus: string, rate: string): number =>
    bars.findIndex((bar) => bar.corpus === corpus && bar.rate === rate);
  const largest = Math.max(...bars.map(({ corpus, rate }) => table.count(corpus, rate)));

  return {
    data: table.rows.map((corpus, i) => {
      const rates = bars.filter((bar) => bar.corpus === corpus).map(({ rate }) => rate);
      const counts = rates.map((rate) => table.count(corpus, rate));
      return {
        type: 'bar',
        name: labels[i],
        x: rates.map((rate) => position(corpus, rate)),
        y: counts,
        width: 0.72,
        text: counts.map(formatCount),
        textposition: 'outside',
        cliponaxis: false,
        customdata: rates.map(kilohertz),
        marker: { color: colorOf(corpus) },
        hovertemplate: `${literal(corpus)}, %{customdata}: %{y:,} clips<extra></extra>`,
      };
    }),
    layout: baseLayout(
      { title: 'Clips by sample rate and corpus', source },
      {
        barmode: 'overlay',
        showlegend: false,
        xaxis: plainAxis('Sample rate (kHz) and corpus', {
          tickvals: bars.map((_, i) => i),
          ticktext: bars.map(
            ({ corpus, rate }) => `${kilohertz(rate)}<br>${labels[table.rows.indexOf(corpus)]}`,
          ),
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

/** The options of {@link ageSexFigure}. */
export interface AgeSexOptions {
  /** description of the clips, shown below the title */
  source: string;
  /** width of an age group in years; 5 by default */
  binYears?: number;
}

/**
 * Draws the ages of the speakers by sex. Each speaker counts once. Unknown ages and sexes are shown as "not stated"; the subtitle
 * gives the number of clips without a speaker.
 *
 * @throws {@link InvalidArgumentError} if no clip has a speaker, or `binYears` is not a positive integer
 */
export function ageSexFigure(
  clips: readonly Pick<Clip, 'speaker' | 'sex' | 'age'>[],
  { source, binYears = 5 }: AgeSexOptions,
): Figure {
  requireClips(clips.length);
  if (!Number.isInteger(binYears) || binYears < 1) {
    throw new InvalidArgumentError('binYears', 'a positive integer (years)', binYears);
  }
  const speakers = new Map<string, { sex?: Sex | undefined; age?: number | undefined }>();
  let anonymous = 0;
  for (const { speaker, sex, age } of clips) {
    if (speaker === undefined) anonymous++;
    else {
      const known = speakers.get(speaker);
      speakers.set(speaker, { sex: known?.sex ?? sex, age: known?.age ?? age });
    }
  }
  if (speakers.size === 0) throw new InvalidArgumentError('clips', 'clips with a speaker', anonymous);

  const people = [...speakers.values()];
  const ages = people.flatMap(({ age }) => (age === undefined ? [] : [age]));
  const binOf = (age: number): number => Math.floor(age / binYears);
  const nameOf = (bin: number): string =>
    binYears === 1 ? String(bin) : `${bin * binYears}–${(bin + 1) * binYears - 1}`;
  const bins: string[] = [];
  if (ages.length > 0) {
    // Empty groups are kept, because the axis is a scale.
    const { least, most } = extremes(ages);
    for (let bin = binOf(least); bin <= binOf(most); bin++) bins.push(nameOf(bin));
  }
  if (ages.length < people.length) bins.push(notStated);
  const table = crossTable<string, string>(people.length, {
    rowOf: (i) => people[i].sex ?? notStated,
    columnOf: (i) => {
      const { age } = people[i];
      return age === undefined ? notStated : nameOf(binOf(age));
    },
    rowOrder: ['female', 'male'],
    columns: bins,
  });

  return {
    data: table.rows.map((sex) => ({
      type: 'bar',
      name: sex === notStated ? 'sex not stated' : literal(sex),
      x: bins,
      y: bins.map((bin) => table.count(sex, bin)),
      marker: { color: sexColors.get(sex) ?? inks.unknown, line: { color: '#ffffff', width: 0.75 } },
      hovertemplate: `%{x}, ${literal(sex)}: %{y} speakers<extra></extra>`,
      showlegend: true,
    })),
    layout: baseLayout(
      {
        title: `Age and sex of the ${countOf(people.length, 'speaker')}`,
        source: anonymous === 0 ? source : `${source} · ${countOf(anonymous, 'clip')} without a speaker`,
      },
      {
        barmode: 'stack',
        bargap: 0.12,
        margin: { t: 112 },
        xaxis: plainAxis('Age at the recording (years)', {
          type: 'category',
          tickvals: bins,
          ticktext: bins.map((bin) => (bin === notStated ? 'not<br>stated' : bin)),
          tickangle: bins.length <= 13 ? 0 : -60,
          tickfont: { size: 12 },
        }),
        yaxis: valueAxis('Number of speakers', { rangemode: 'tozero' }),
      },
    ),
  };
}

/**
 * Draws the share of each emotion with the scores of two trivial classifiers: uniform guessing, and always predicting the most
 * frequent emotion. Both have a UAR (unweighted average recall) of one over the number of emotions.
 *
 * @param counts - clips per emotion; missing emotions and zeros do not count as classes
 * @throws {@link InvalidArgumentError} if a count is negative or all are 0
 */
export function imbalanceFigure(
  counts: Readonly<Partial<Record<Emotion, number>>>,
  { source }: { source: string },
): Figure {
  const emotions = shownClasses(Object.keys(counts));
  const values = emotions.map((emotion) => counts[emotion] ?? 0);
  if (values.some((value) => !(value >= 0))) {
    throw new InvalidArgumentError('counts', 'counts of at least 0', counts);
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) throw new InvalidArgumentError('counts', 'at least one clip in total', counts);

  const classes = values.filter((value) => value > 0).length;
  const largest = Math.max(...values);
  const mostFrequent = emotions.filter((_, i) => values[i] === largest);
  const answer = mostFrequent.length === 1 ? `always “${mostFrequent[0]}”` : 'always the largest class';
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
        x: emotions,
        y: values.map((value) => (100 * value) / total),
        customdata: values,
        marker: { color: emotions.map((emotion) => classColor(emotion, emotions)) },
        hovertemplate: '%{x}: %{y:.1f} %, %{customdata:,} clips<extra></extra>',
        showlegend: false,
      },
    ],
    layout: baseLayout(
      { title: 'Share of each emotion, and scores of guessing', source },
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
            `uniform guess among ${classes}: accuracy ${chance}, UAR ${chance}`,
            inks.text,
            'dash',
          ),
        ],
        xaxis: plainAxis('Emotion', {
          tickvals: emotions,
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
