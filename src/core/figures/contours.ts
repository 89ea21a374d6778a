import { countOf, type Emotion, InvalidArgumentError, quantile } from '../base';
import { type Figure, literal, type Trace } from './figure';
import { baseLayout, classColor, inks, valueAxis } from './theme';

/** One line of {@link contoursFigure}. */
export interface Contour {
  name: string;
  /** one value per frame; NaN leaves a gap, for example in unvoiced frames */
  values: ArrayLike<number>;
  /** colours the line */
  emotion?: Emotion;
}

/** The options of {@link contoursFigure}. */
export interface ContoursOptions {
  title: string;
  /** description of the clips, shown below the title */
  source: string;
  /** title of the value axis with unit, for example `F0 (Hz)` */
  valueTitle: string;
  /** Hz */
  sampleRate: number;
  /** samples between frames; 512 by default */
  hopLength?: number;
}

/**
 * Draws one quantity over time for several clips: pitch, energy or a coefficient.
 *
 * A few extreme values, such as octave errors of a pitch tracker, do not determine the range of the axis: those outside it are drawn as
 * triangles at its edge, with their value in the hover label, and counted below the title.
 *
 * @throws {@link InvalidArgumentError} if there are no contours
 * @example
 * ```ts
 * contoursFigure([{ name: 'angry', values: f0Contour(samples, { sampleRate }).f0Hz }], {
 *   title: 'Pitch',
 *   source: 'one clip of SAVEE',
 *   valueTitle: 'F0 (Hz)',
 *   sampleRate,
 * });
 * ```
 */
export function contoursFigure(
  contours: readonly Contour[],
  { title, source, valueTitle, sampleRate, hopLength = 512 }: ContoursOptions,
): Figure {
  if (contours.length === 0)
    throw new InvalidArgumentError('contours', 'a list with at least one contour', []);
  const timeOf = (frame: number): number => Math.round(((frame * hopLength) / sampleRate) * 1e4) / 1e4;
  const range = robustRange(contours.flatMap(({ values }) => Array.from(values).filter(Number.isFinite)));
  const outside = range
    ? contours.flatMap(({ name, values, emotion }) =>
        Array.from(values, (value, frame) => ({ name, emotion, value, frame })).filter(
          ({ value }) => value < range[0] || value > range[1],
        ),
      )
    : [];
  const edges: Trace = {
    type: 'scatter',
    mode: 'markers',
    x: outside.map(({ frame }) => timeOf(frame)),
    y: outside.map(({ value }) => (value > range![1] ? range![1] : range![0])),
    customdata: outside.map(({ name, value }) => [literal(name), Number(value.toPrecision(4))]),
    marker: {
      symbol: outside.map(({ value }) => (value > range![1] ? 'triangle-up' : 'triangle-down')),
      color: outside.map(({ emotion }) => (emotion ? classColor(emotion) : inks.mark)),
      size: 9,
    },
    cliponaxis: false,
    showlegend: false,
    hovertemplate: '%{x:.2f} s: %{customdata[1]}, outside the axis<extra>%{customdata[0]}</extra>',
  };
  const note = `${countOf(outside.length, 'value')} outside the axis (triangles)`;
  return {
    data: contours
      .map(({ name, values, emotion }): Trace => ({
        type: 'scatter',
        mode: 'lines',
        name: literal(name),
        x: Array.from(values, (_, i) => timeOf(i)),
        y: Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null)),
        connectgaps: false,
        line: { color: emotion ? classColor(emotion) : inks.mark, width: 2 },
        hovertemplate: '%{x:.2f} s: %{y}<extra>%{fullData.name}</extra>',
      }))
      .concat(outside.length > 0 ? edges : []),
    layout: baseLayout(
      { title, source: outside.length > 0 ? `${source} · ${note}` : source },
      {
        height: 360,
        margin: { t: 112 },
        showlegend: contours.length > 1,
        xaxis: valueAxis('Time (s)', { showgrid: false }),
        yaxis: valueAxis(literal(valueTitle, 60), outside.length > 0 ? { range } : {}),
      },
    ),
  };
}

/** Share of the values at each end that may lie outside the axis, and the margin of the axis, as a share of the range of the rest. */
const [extremeShare, extension] = [0.025, 0.15];

/**
 * An axis range that leaves out a few extreme values.
 *
 * @returns undefined if leaving them out would shorten the axis by less than a sixth
 */
function robustRange(values: number[]): [low: number, high: number] | undefined {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return undefined;
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const [low, high] = [quantile(sorted, extremeShare), quantile(sorted, 1 - extremeShare)];
  const beyond = extension * (high - low);
  const [from, to] = [Math.max(first, low - beyond), Math.min(last, high + beyond)];
  const space = 0.05 * (to - from);
  return last - first > 1.2 * (to - from) && to > from ? [from - space, to + space] : undefined;
}

/** One line of {@link meanSpectraFigure}. */
export interface MeanSpectrum {
  name: string;
  /** one value per band, dB */
  values: ArrayLike<number>;
  /** colours the line */
  emotion?: Emotion;
}

/** The options of {@link meanSpectraFigure}. */
export interface MeanSpectraOptions {
  title: string;
  /** description of the clips, shown below the title */
  source: string;
  /** centre of each band, Hz */
  frequenciesHz: ArrayLike<number>;
}

/**
 * Draws average spectra on a logarithmic frequency axis, to compare where voices of different emotions have their energy.
 *
 * @throws {@link InvalidArgumentError} if there are no spectra, or one does not have one value per frequency
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
      `${frequenciesHz.length} values, one per band`,
      values.length,
    );
  }
  return {
    data: spectra.map(({ name, values, emotion }) => ({
      type: 'scatter',
      mode: 'lines',
      name: literal(name),
      x: Array.from(frequenciesHz, (hz) => Math.round(hz)),
      y: Array.from(values, (value) => Math.round(value * 10) / 10),
      line: { color: emotion ? classColor(emotion) : inks.mark, width: 2 },
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
