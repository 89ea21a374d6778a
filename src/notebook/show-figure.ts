import type { Figure } from '../core/figures';
import { display } from './display';
import { drawFigure, type ShowFigureOptions } from './draw-figure';

/**
 * Shows a figure in the cell: interactive where scripts run and Plotly is at hand, a picture everywhere else. Await it:
 * the picture is drawn first (a second for the first one, then about a tenth).
 */
export async function showFigure(figure: Figure, options: ShowFigureOptions = {}): Promise<void> {
  display(await drawFigure(figure, options));
}
