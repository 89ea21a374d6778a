import { InvalidArgumentError } from '../../core/base';
import type { Figure } from '../../core/figures';
import { plotlyWindow } from './plotly-window';

/** Size of a static picture. */
export interface PictureSize {
  /** pixels; the layout's own width or 700 */
  width?: number;
  /** pixels; the layout's own height or 400 */
  height?: number;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Draws a figure as SVG in Node, without a browser. Pictures are drawn one after the other, and the same figure
 * always gives the same text. The first one takes about a second, to start Plotly.
 *
 * @throws {@link InvalidArgumentError} if the figure has no data or the size is not positive
 */
export function renderSvg(figure: Figure, size: PictureSize = {}): Promise<string> {
  const drawn = last.then(() => draw(figure, size));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(figure: Figure, size: PictureSize): Promise<string> {
  const { width, height } = pictureSize(figure, size);
  const plotly = await plotlyWindow();
  plotly.restartRandom();
  return plotly.Plotly.toImage(structuredClone(figure), {
    format: 'svg',
    imageDataOnly: true,
    width,
    height,
  });
}

/** The size a figure is drawn at. */
function pictureSize(figure: Figure, size: PictureSize): Required<PictureSize> {
  if (!Array.isArray(figure.data) || figure.data.length === 0) {
    throw new InvalidArgumentError('figure.data', 'at least one trace', figure.data);
  }
  const { width = figure.layout.width ?? 700, height = figure.layout.height ?? 400 } = size;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(Number.isFinite(value) && value >= 10))
      throw new InvalidArgumentError(name, 'at least 10 (pixels)', value);
  }
  return { width, height };
}
