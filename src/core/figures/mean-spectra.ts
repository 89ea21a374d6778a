import { type Emotion, InvalidArgumentError } from '../base';
import type { Figure } from './figure';
import { baseLayout, emotionColors, inks, valueAxis } from './theme';

/** One line of {@link meanSpectraFigure}. */
export interface MeanSpectrum {
  name: string;
  /** one value a band, dB */
  values: ArrayLike<number>;
  /** colours the line */
  emotion?: Emotion;
}

export interface MeanSpectraOptions {
  title: string;
  /** which clips these are, shown below the title */
  source: string;
  /** centre of each band, Hz */
  frequenciesHz: ArrayLike<number>;
}

/**
 * Average spectra over one another, on a logarithmic frequency axis: where voices of different emotions have their
 * energy.
 *
 * @throws {@link InvalidArgumentError} if there are no spectra, or one has not as many values as there are frequencies
 */
export function meanSpectraFigure(
  spectra: readonly MeanSpectrum[],
  { title, source, frequenciesHz }: MeanSpectraOptions,
): Figure {
  if (spectra.length === 0)
    throw new InvalidArgumentError('spectra', 'a list with at least one spectrum', []);
  for (const { name, values } of spectra) {
    if (values.length === frequenciesHz.length) continue;
    throw new InvalidArgumentError(
      `spectra (${name})`,
      `${frequenciesHz.length} values, one a band`,
      values.length,
    );
  }
  return {
    data: spectra.map(({ name, values, emotion }) => ({
      type: 'scatter',
      mode: 'lines',
      name,
      x: Array.from(frequenciesHz, (hz) => Math.round(hz)),
      y: Array.from(values, (value) => Math.round(value * 10) / 10),
      line: { color: emotion ? emotionColors[emotion] : inks.mark, width: 2 },
      hovertemplate: '%{x:,} Hz: %{y} dB<extra>%{fullData.name}</extra>',
    })),
    layout: baseLayout(
      { title, source },
      {
        height: 380,
        margin: { t: 112 },
        showlegend: spectra.length > 1,
        xaxis: valueAxis('Frequency (Hz)', {
          type: 'log',
          tickvals: [125, 250, 500, 1000, 2000, 4000, 8000],
          ticktext: ['125', '250', '500', '1,000', '2,000', '4,000', '8,000'],
        }),
        yaxis: valueAxis('Level (dB)'),
      },
    ),
  };
}
