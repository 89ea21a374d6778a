import { type Clip, InvalidArgumentError, notStated, type Sex } from '../base';
import { crossTable, requireClips } from './cross-table';
import type { Figure } from './figure';
import { baseLayout, inks, plainAxis, sexColors, valueAxis } from './theme';

/** The options of {@link ageSexFigure}. */
export interface AgeSexOptions {
  /** which clips these are, shown below the title */
  source: string;
  /** width of an age group in years; 5 by default */
  binYears?: number;
}

/**
 * Ages of the speakers by sex: each speaker counts once, however many clips there are. Speakers whose age or sex is
 * not stated have a bar of their own; clips that name no speaker are told of below the title.
 *
 * @throws {@link InvalidArgumentError} if no clip names a speaker, or `binYears` is not a positive integer
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
  if (speakers.size === 0) throw new InvalidArgumentError('clips', 'clips that name a speaker', anonymous);

  const people = [...speakers.values()];
  const ages = people.flatMap(({ age }) => (age === undefined ? [] : [age]));
  const binOf = (age: number): number => Math.floor(age / binYears);
  const nameOf = (bin: number): string =>
    binYears === 1 ? String(bin) : `${bin * binYears}–${(bin + 1) * binYears - 1}`;
  const bins: string[] = [];
  if (ages.length > 0) {
    // Empty groups in between are kept: the axis is a scale.
    for (let bin = binOf(Math.min(...ages)); bin <= binOf(Math.max(...ages)); bin++) bins.push(nameOf(bin));
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
      name: sex === notStated ? 'sex not stated' : sex,
      x: bins,
      y: bins.map((bin) => table.count(sex, bin)),
      marker: { color: sexColors[sex] ?? inks.unknown, line: { color: '#ffffff', width: 0.75 } },
      hovertemplate: `%{x}, ${sex}: %{y} speakers<extra></extra>`,
      showlegend: true,
    })),
    layout: baseLayout(
      {
        title: `Age and sex of the ${people.length} speakers`,
        source:
          anonymous === 0
            ? source
            : `${source} · ${anonymous} ${anonymous === 1 ? 'clip names' : 'clips name'} no speaker`,
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
