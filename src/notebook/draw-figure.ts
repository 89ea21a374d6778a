import { randomUUID } from 'node:crypto';
import type { Figure } from '../core/figures';
import { renderPng } from '../node/drawing';
import { cellHost, type MimeBundle } from './cell-host';
import { figureBundle, figureTitle } from './figure-bundle';

/** Size of a figure in a cell. */
export interface ShowFigureOptions {
  /** layout pixels; the layout's own width or 700 */
  width?: number;
  /** layout pixels; the layout's own height or 400 */
  height?: number;
  /** picture pixels per layout pixel of the static picture */
  scale?: number;
}

/** A figure with its static picture, ready to be shown. */
export async function drawFigure(
  figure: Figure,
  { width = figure.layout.width ?? 700, height = figure.layout.height ?? 400, scale }: ShowFigureOptions = {},
): Promise<MimeBundle> {
  // Outside a notebook nobody sees the picture.
  if (cellHost() === undefined) return { 'text/plain': `[figure: ${figureTitle(figure)}]` };
  const png = await renderPng(figure, { width, height, ...(scale !== undefined && { scale }) });
  // In the page the plot takes the width there is, up to the picture's.
  const sized = { data: figure.data, layout: { ...figure.layout, width: undefined, height, autosize: true } };
  return figureBundle(sized, { id: `figure-${randomUUID()}`, width, height, png });
}
