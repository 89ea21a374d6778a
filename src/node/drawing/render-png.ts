import { InvalidArgumentError } from '../../core/base';
import { type Figure, fontFamily } from '../../core/figures';
import { fontFiles } from './fonts';
import { reducePng } from './reduce-png';
import { type PictureSize, renderSvg } from './render-svg';

/** Size of a PNG: `width` × `height` in layout pixels, each drawn as `scale` × `scale` picture pixels. */
export interface PngSize extends PictureSize {
  /** picture pixels per layout pixel; 2 suits screens of high density */
  scale?: number;
  /** makes the file less than half as large, in at most 256 colours, in some tenths of a second */
  isCompressed?: boolean;
}

/**
 * Draws a figure as PNG in Node, without a browser, in the bundled font: the same picture on every machine.
 *
 * @returns the file's bytes
 * @throws {@link InvalidArgumentError} if the figure has no data, or a size or the scale is not positive
 */
export async function renderPng(
  figure: Figure,
  { scale = 1.5, isCompressed = false, ...size }: PngSize = {},
): Promise<Buffer> {
  if (!(Number.isFinite(scale) && scale > 0))
    throw new InvalidArgumentError('scale', 'a positive number', scale);
  const svg = await renderSvg(figure, size);
  const { Resvg } = await import('@resvg/resvg-js');
  // The rasteriser knows SVG's older word for pictures that must not be smoothed, as heatmaps.
  const picture = new Resvg(svg.replaceAll('image-rendering: pixelated', 'image-rendering: optimizeSpeed'), {
    background: 'white',
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles.map(({ path }) => path),
      defaultFontFamily: fontFamily,
      sansSerifFamily: fontFamily,
      serifFamily: fontFamily,
      monospaceFamily: fontFamily,
    },
  });
  const png = picture.render().asPng();
  return isCompressed ? reducePng(png) : png;
}
