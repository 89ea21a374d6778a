import { InvalidArgumentError } from '../base';
import type { Matrix } from '../dsp';
import type { Axis, Figure, Trace } from './figure';
import { baseLayout, colorBar, panelGrid, plainAxis, spectrogramColors, valueAxis } from './theme';

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

/** One panel of {@link spectrogramGridFigure}. */
export interface SpectrogramPanel {
  title: string;
  /** shape [frames, columns]; all panels have the same columns */
  matrix: Matrix;
}

export interface SpectrogramGridOptions extends SpectrogramOptions {
  /** panels side by side; 2 by default */
  columns?: number;
}

/**
 * Spectrograms side by side on the same axes and one colour scale, so that what differs between the panels differs in
 * the sound.
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
      name,
      xaxis: `x${id}`,
      yaxis: `y${id}`,
      coloraxis: 'coloraxis',
      hovertemplate: `%{x:.2f} s: %{z}<extra>${name}</extra>`,
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
          colorbar: colorBar(valueTitle),
          ...(valueRange && { cmin: valueRange[0], cmax: valueRange[1] }),
        },
        ...axes,
      },
    ),
  };
}

/** What the rows and columns of a spectrogram stand for. */
export interface SpectrogramScale {
  /** Hz */
  sampleRate: number;
  /** samples from one frame to the next; 512 by default */
  hopLength?: number;
  /** centre of each column, Hz: a frequency axis. Without them, columns are numbered coefficients. */
  frequenciesHz?: ArrayLike<number>;
}

/** More cells than these are joined, each block drawn by its largest value: more than a picture of 700 pixels can show. */
const mostFrames = 350;
const mostColumns = 200;

/**
 * The heatmap of a spectrogram, [frames, columns], with time along x and columns along y.
 *
 * @param decimals - digits kept of each value; 0 by default, since a tenth of a decibel cannot be seen
 * @throws {@link InvalidArgumentError} if the matrix is empty, or there are not as many frequencies as columns
 */
export function spectrogramTrace(
  { data, shape: [frames, columns] }: Matrix,
  { sampleRate, hopLength = 512, frequenciesHz }: SpectrogramScale,
  { decimals = 0 }: { decimals?: number } = {},
): Trace {
  if (data.length === 0)
    throw new InvalidArgumentError('matrix', 'a matrix with at least one frame', [frames, columns]);
  if (frequenciesHz && frequenciesHz.length !== columns) {
    throw new InvalidArgumentError(
      'frequenciesHz',
      `${columns} frequencies, one a column`,
      frequenciesHz.length,
    );
  }
  const framesJoined = Math.ceil(frames / mostFrames);
  const columnsJoined = Math.ceil(columns / mostColumns);
  const width = Math.ceil(frames / framesJoined);
  const height = Math.ceil(columns / columnsJoined);
  const factor = 10 ** decimals;
  const z = Array.from({ length: height }, () => new Array<number>(width).fill(-Infinity));
  for (let frame = 0; frame < frames; frame++) {
    for (let column = 0; column < columns; column++) {
      const row = z[Math.floor(column / columnsJoined)];
      const at = Math.floor(frame / framesJoined);
      row[at] = Math.max(row[at], Math.round(data[frame * columns + column] * factor) / factor);
    }
  }
  return {
    type: 'heatmap',
    z,
    x0: 0,
    dx: (framesJoined * hopLength) / sampleRate,
    y0: (columnsJoined - 1) / 2,
    dy: columnsJoined,
    colorscale: spectrogramColors,
  };
}

/** The y axis of {@link spectrogramTrace}: frequencies where the columns have them, else the number of the coefficient. */
export function spectrogramAxis(columns: number, { frequenciesHz }: SpectrogramScale): Axis {
  const range = [-0.5, columns - 0.5];
  if (!frequenciesHz) return plainAxis('Coefficient', { range, showline: false });
  const ticks: { hz: number; at: number }[] = [];
  // the roundest first; a tick that would stand too close to an earlier one is left out
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

/** Where between the columns a frequency lies, or undefined if outside of them. */
function columnOf(frequenciesHz: ArrayLike<number>, hz: number): number | undefined {
  for (let i = 0; i < frequenciesHz.length; i++) {
    if (frequenciesHz[i] === hz) return i;
    if (i > 0 && frequenciesHz[i] > hz && frequenciesHz[i - 1] < hz) {
      return i - 1 + (hz - frequenciesHz[i - 1]) / (frequenciesHz[i] - frequenciesHz[i - 1]);
    }
  }
  return undefined;
}
