import { countOf, InvalidArgumentError } from '../base';
import type { Matrix } from '../dsp';
import { type Axis, type Figure, literal, type Trace } from './figure';
import { baseLayout, colorBar, panelGrid, plainAxis, spectrogramColors, valueAxis } from './theme';

/** The options of {@link spectrogramFigure}. */
export interface SpectrogramOptions extends SpectrogramScale {
  title: string;
  /** description of the clip, shown below the title */
  source: string;
  /** title of the colour bar with unit; `dB` by default */
  valueTitle?: string;
  /** decimals of each value; 0 by default */
  decimals?: number;
  /** values at the ends of the colour scale; by default the minimum and maximum */
  valueRange?: readonly [low: number, high: number];
}

/**
 * Draws a spectrogram (the paper's Fig. 2) or coefficients such as MFCC over time.
 *
 * @example
 * ```ts
 * const logMel = powerToDb(melSpectrogram(samples, { sampleRate }));
 * spectrogramFigure(logMel, { title: 'Log-mel spectrogram', source: 'one clip of SAVEE', sampleRate });
 * ```
 *
 * @param matrix - shape [frames, columns]
 * @throws {@link InvalidArgumentError} if the matrix is empty, or the number of frequencies is not the number of columns
 */
export function spectrogramFigure(
  matrix: Matrix,
  { title, source, valueTitle = 'dB', decimals = 0, valueRange, ...scale }: SpectrogramOptions,
): Figure {
  const trace = spectrogramTrace(matrix, scale, { decimals });
  const unit = scale.frequenciesHz ? `%{z} ${literal(valueTitle)}` : '%{z}';
  return {
    data: [
      {
        ...trace,
        ...(valueRange && { zmin: valueRange[0], zmax: valueRange[1] }),
        colorbar: colorBar(literal(valueTitle, 30)),
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

/** One panel of {@link spectrogramGridFigure}. */
export interface SpectrogramPanel {
  title: string;
  /** shape [frames, columns]; all panels have the same columns */
  matrix: Matrix;
}

/** The options of {@link spectrogramGridFigure}. */
export interface SpectrogramGridOptions extends SpectrogramOptions {
  /** panels side by side; 2 by default */
  columns?: number;
}

/**
 * Draws spectrograms side by side with common axes and one colour scale, so that they can be compared.
 *
 * @throws {@link InvalidArgumentError} if there are no panels, `columns` is not a positive integer, or the panels have
 *   different numbers of columns
 */
export function spectrogramGridFigure(
  panels: readonly SpectrogramPanel[],
  {
    title,
    source,
    columns = 2,
    valueTitle = 'dB',
    decimals = 0,
    valueRange,
    ...scale
  }: SpectrogramGridOptions,
): Figure {
  const grid = panelGrid(
    panels.map((panel) => panel.title),
    { columns, panelHeight: 170, gap: 28 },
  );
  const bands = panels.map(({ matrix }) => matrix.shape[1]);
  if (new Set(bands).size > 1)
    throw new InvalidArgumentError('panels', 'matrices with the same columns', bands);

  const longest = Math.max(...panels.map(({ matrix }) => matrix.shape[0]));
  const duration = (longest * (scale.hopLength ?? 512)) / scale.sampleRate;
  const axes: Record<string, Axis> = {};
  const data = panels.map(({ title: name, matrix }, i): Trace => {
    const { id, domainX, domainY, isFirst, isLowest } = grid.panels[i];
    const y = spectrogramAxis(matrix.shape[1], scale);
    axes[`xaxis${id}`] = valueAxis(isLowest ? 'Time (s)' : '', {
      domain: domainX,
      anchor: `y${id}`,
      range: [0, duration],
      showgrid: false,
      showticklabels: isLowest,
    });
    axes[`yaxis${id}`] = {
      ...y,
      ...(!isFirst && { title: { text: '' } }),
      domain: domainY,
      anchor: `x${id}`,
      showticklabels: isFirst,
    };
    return {
      ...spectrogramTrace(matrix, scale, { decimals }),
      name: literal(name),
      xaxis: `x${id}`,
      yaxis: `y${id}`,
      coloraxis: 'coloraxis',
      hovertemplate: `%{x:.2f} s: %{z}<extra>${literal(name)}</extra>`,
    };
  });

  return {
    data,
    layout: baseLayout(
      { title, source },
      {
        height: grid.height,
        margin: grid.margin,
        annotations: grid.panels.map(({ heading }) => heading),
        coloraxis: {
          colorscale: spectrogramColors,
          colorbar: colorBar(literal(valueTitle, 30)),
          ...(valueRange && { cmin: valueRange[0], cmax: valueRange[1] }),
        },
        ...axes,
      },
    ),
  };
}

/** Time and frequency scale of a spectrogram. */
export interface SpectrogramScale {
  /** Hz */
  sampleRate: number;
  /** samples between frames; 512 by default */
  hopLength?: number;
  /** centre frequency of each column, Hz; without them the columns are numbered as coefficients */
  frequenciesHz?: ArrayLike<number>;
}

/** Larger matrices are reduced to the maxima of blocks, because a picture of 700 pixels cannot show more cells. */
const maxFrames = 350;
const maxColumns = 200;

/** A matrix reduced by {@link blockMaxima}, and the size of the blocks. */
export interface BlockMaxima {
  matrix: Matrix;
  framesJoined: number;
  columnsJoined: number;
}

/** Reduces a matrix [frames, columns] to what a figure can show: the maxima of blocks. A small matrix is returned unchanged. */
export function blockMaxima(matrix: Matrix): BlockMaxima {
  const {
    data,
    shape: [frames, columns],
  } = matrix;
  const framesJoined = Math.max(1, Math.ceil(frames / maxFrames));
  const columnsJoined = Math.max(1, Math.ceil(columns / maxColumns));
  if (framesJoined * columnsJoined === 1) return { matrix, framesJoined, columnsJoined };
  const width = Math.ceil(columns / columnsJoined);
  const out = new Float32Array(Math.ceil(frames / framesJoined) * width).fill(-Infinity);
  for (let frame = 0; frame < frames; frame++) {
    const row = Math.floor(frame / framesJoined) * width;
    for (let column = 0; column < columns; column++) {
      const at = row + Math.floor(column / columnsJoined);
      out[at] = Math.max(out[at], data[frame * columns + column]);
    }
  }
  return { matrix: { data: out, shape: [out.length / width, width] }, framesJoined, columnsJoined };
}

/**
 * The heatmap of a matrix [frames, columns], with time along x and columns along y.
 *
 * @param decimals - decimals of each value; 0 by default, because a tenth of a decibel is not visible
 * @throws {@link InvalidArgumentError} if the matrix is empty, or the number of frequencies is not the number of columns
 */
export function spectrogramTrace(
  matrix: Matrix,
  { sampleRate, hopLength = 512, frequenciesHz }: SpectrogramScale,
  { decimals = 0 }: { decimals?: number } = {},
): Trace {
  const [frames, columns] = matrix.shape;
  if (matrix.data.length === 0)
    throw new InvalidArgumentError('matrix', 'a matrix with at least one frame', [frames, columns]);
  if (frequenciesHz && frequenciesHz.length !== columns) {
    throw new InvalidArgumentError(
      'frequenciesHz',
      `${columns} frequencies, one per column`,
      frequenciesHz.length,
    );
  }
  const { matrix: reduced, framesJoined, columnsJoined } = blockMaxima(matrix);
  return {
    type: 'heatmap',
    z: rowsOf(reduced, decimals),
    x0: 0,
    dx: (framesJoined * hopLength) / sampleRate,
    y0: (columnsJoined - 1) / 2,
    dy: columnsJoined,
    colorscale: spectrogramColors,
  };
}

/** The rows of a heatmap: one per column of the matrix. */
function rowsOf({ data, shape: [frames, columns] }: Matrix, decimals: number): number[][] {
  const factor = 10 ** decimals;
  return Array.from({ length: columns }, (_, column) =>
    Array.from(
      { length: frames },
      (__, frame) => Math.round(data[frame * columns + column] * factor) / factor,
    ),
  );
}

/** The y axis of {@link spectrogramTrace}: frequency if known, otherwise the number of the coefficient. */
export function spectrogramAxis(columns: number, { frequenciesHz }: SpectrogramScale): Axis {
  const range = [-0.5, columns - 0.5];
  if (!frequenciesHz) return plainAxis('Coefficient', { range, showline: false });
  const ticks: { hz: number; at: number }[] = [];
  // The roundest numbers first; ticks too close to an earlier one are skipped.
  for (const hz of [0, 8000, 4000, 2000, 1000, 10_000, 6000, 500, 250, 3000, 125]) {
    const at = columnOf(frequenciesHz, hz);
    if (at !== undefined && ticks.every((tick) => Math.abs(tick.at - at) >= columns / 10))
      ticks.push({ hz, at });
  }
  return plainAxis('Frequency (Hz)', {
    range,
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ hz }) => hz.toLocaleString('en')),
    showline: false,
  });
}

/** Fractional column of a frequency; undefined if it is outside the columns. */
function columnOf(frequenciesHz: ArrayLike<number>, hz: number): number | undefined {
  for (let i = 0; i < frequenciesHz.length; i++) {
    if (frequenciesHz[i] === hz) return i;
    if (i > 0 && frequenciesHz[i] > hz && frequenciesHz[i - 1] < hz) {
      return i - 1 + (hz - frequenciesHz[i - 1]) / (frequenciesHz[i] - frequenciesHz[i - 1]);
    }
  }
  return undefined;
}

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
