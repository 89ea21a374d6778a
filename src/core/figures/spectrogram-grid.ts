import { InvalidArgumentError } from '../base';
import type { Matrix } from '../dsp';
import type { Axis, Figure, Trace } from './figure';
import { panelGrid } from './panel-grid';
import type { SpectrogramOptions } from './spectrogram';
import { spectrogramAxis, spectrogramTrace } from './spectrogram-trace';
import { baseLayout, colorBar, spectrogramColors, valueAxis } from './theme';

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
