import { countOf } from '../base';
import type { Matrix } from '../dsp';
import type { Figure } from './figure';
import { spectrogramTrace } from './spectrograms';
import { baseLayout, colorBar, plainAxis, valueAxis } from './theme';

/**
 * Draws any matrix as a heat map with row numbers along x and column numbers along y. For a matrix over time, use
 * `spectrogramFigure`, which labels time and frequency.
 *
 * @param matrix - shape [rows, columns]
 * @throws {@link InvalidArgumentError} if the matrix is empty
 */
export function matrixFigure(matrix: Matrix, { title, source }: { title: string; source?: string }): Figure {
  const [rows, columns] = matrix.shape;
  const trace = spectrogramTrace(
    matrix,
    { sampleRate: 1, hopLength: 1 },
    { decimals: decimalsFor(matrix.data) },
  );
  const size = `${countOf(rows, 'row')} × ${countOf(columns, 'column')}`;
  return {
    data: [
      {
        ...trace,
        colorbar: colorBar('Value'),
        hovertemplate: 'row %{x}, column %{y}: %{z}<extra></extra>',
      },
    ],
    layout: baseLayout(
      { title, source: source ?? size },
      {
        height: 360,
        xaxis: valueAxis('Row (frame)', { showgrid: false }),
        yaxis: plainAxis('Column (coefficient)', { range: [-0.5, columns - 0.5], showline: false }),
      },
    ),
  };
}

/** Decimals that distinguish about 1,000 values between the smallest and the largest. */
function decimalsFor(data: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low;
  return range > 0 ? Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(range)))) : 3;
}
