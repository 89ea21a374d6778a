import { randomUUID } from 'node:crypto';
import type { Figure } from '../core/figures';
import type { MimeBundle } from './cell-host';
import { display } from './display';
import { drawFigure, type ShowFigureOptions } from './draw-figure';

/** One output that changes while a cell runs. */
export interface LiveDisplay {
  /** replaces what is shown; a string is Markdown */
  update(content: MimeBundle | string): void;
  /** replaces what is shown by a figure, a learning curve after each epoch for example */
  updateFigure(figure: Figure, options?: ShowFigureOptions): Promise<void>;
}

/**
 * An output of the running cell that can be replaced again and again; it appears with the first update. Let the loop
 * that updates it await something now and then, or the updates arrive together at its end.
 */
export function liveDisplay(): LiveDisplay {
  const displayId = randomUUID();
  let shown = false;
  const update = (content: MimeBundle | string): void => {
    const bundle =
      typeof content === 'string' ? { 'text/markdown': content, 'text/plain': content } : content;
    display(bundle, { displayId, update: shown });
    shown = true;
  };
  const updateFigure = async (figure: Figure, options?: ShowFigureOptions): Promise<void> => {
    update(await drawFigure(figure, options));
  };
  return { update, updateFigure };
}
