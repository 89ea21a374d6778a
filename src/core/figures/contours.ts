import { type Emotion, InvalidArgumentError } from '../base';
import type { Figure } from './figure';
import { baseLayout, emotionColors, inks, valueAxis } from './theme';

/** One line of {@link contoursFigure}. */
export interface Contour {
  name: string;
  /** one value a frame; NaN leaves a gap, as where no pitch is heard */
  values: ArrayLike<number>;
  /** colours the line */
  emotion?: Emotion;
}

export interface ContoursOptions {
  title: string;
  /** which clips these are, shown below the title */
  source: string;
  /** what the values are, with their unit: `F0 (Hz)` */
  valueTitle: string;
  /** Hz */
  sampleRate: number;
  /** samples from one frame to the next; 512 by default */
  hopLength?: number;
}

/**
 * How one quantity runs through several clips: pitch, energy, a coefficient.
 *
 * @throws {@link InvalidArgumentError} if there are no contours
 */
export function contoursFigure(
  contours: readonly Contour[],
  { title, source, valueTitle, sampleRate, hopLength = 512 }: ContoursOptions,
): Figure {
  if (contours.length === 0)
    throw new InvalidArgumentError('contours', 'a list with at least one contour', []);
  return {
    data: contours.map(({ name, values, emotion }) => ({
      type: 'scatter',
      mode: 'lines',
      name,
      x: Array.from(values, (_, i) => Math.round(((i * hopLength) / sampleRate) * 1e4) / 1e4),
      y: Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null)),
      connectgaps: false,
      line: { color: emotion ? emotionColors[emotion] : inks.mark, width: 2 },
      hovertemplate: '%{x:.2f} s: %{y}<extra>%{fullData.name}</extra>',
    })),
    layout: baseLayout(
      { title, source },
      {
        height: 360,
        margin: { t: 112 },
        showlegend: contours.length > 1,
        xaxis: valueAxis('Time (s)', { showgrid: false }),
        yaxis: valueAxis(valueTitle),
      },
    ),
  };
}

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
