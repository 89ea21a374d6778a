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
