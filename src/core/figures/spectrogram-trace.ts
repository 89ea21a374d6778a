import { InvalidArgumentError } from '../base';
import type { Matrix } from '../dsp';
import type { Axis, Trace } from './figure';
import { plainAxis, spectrogramColors } from './theme';

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
