import type { Matrix } from '../dsp';
import type { Figure } from './figure';
import { spectrogramAxis, type SpectrogramScale, spectrogramTrace } from './spectrogram-trace';
import { baseLayout, colorBar, valueAxis } from './theme';

export interface SpectrogramOptions extends SpectrogramScale {
  title: string;
  /** which clip this is, shown below the title */
  source: string;
  /** what the colours stand for, with the unit; `dB` by default */
  valueTitle?: string;
  /** digits kept of each value; 0 by default */
  decimals?: number;
  /** lowest and highest value that the colours tell apart; by default those that occur */
  valueRange?: readonly [low: number, high: number];
}

/**
 * A spectrogram or a table of coefficients over time: the paper's Fig. 2 with a log-mel spectrogram, its MFCC plot with
 * coefficients.
 *
 * @param matrix - shape [frames, columns]
 * @throws {@link InvalidArgumentError} if the matrix is empty, or there are not as many frequencies as columns
 */
export function spectrogramFigure(
  matrix: Matrix,
  { title, source, valueTitle = 'dB', decimals = 0, valueRange, ...scale }: SpectrogramOptions,
): Figure {
  const trace = spectrogramTrace(matrix, scale, { decimals });
  const unit = scale.frequenciesHz ? `%{z} ${valueTitle}` : '%{z}';
  return {
    data: [
      {
        ...trace,
        ...(valueRange && { zmin: valueRange[0], zmax: valueRange[1] }),
        colorbar: colorBar(valueTitle),
        hovertemplate: `%{x:.2f} s: ${unit}<extra></extra>`,
      },
    ],
    layout: baseLayout(
      { title, source },
      {
        height: 360,
        xaxis: valueAxis('Time (s)', { showgrid: false }),
        yaxis: spectrogramAxis(matrix.shape[1], scale),
      },
    ),
  };
}
