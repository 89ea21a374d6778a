import { InvalidArgumentError } from '../base';
import type { Annotation } from './figure';

/** Where one panel of a grid stands. */
export interface Panel {
  /** behind `x`, `y`, `xaxis` and `yaxis` in Plotly's names: empty for the first */
  id: string;
  /** shares of the plot's width and height */
  domainX: [number, number];
  domainY: [number, number];
  /** in the first column */
  isFirst: boolean;
  /** no panel below it */
  isLowest: boolean;
  /** the panel's title, above its left corner */
  heading: Annotation;
}

/** A grid of panels, with the figure's height and margins. */
export interface PanelGrid {
  panels: Panel[];
  height: number;
  margin: { t: number; b: number };
  /** panels side by side */
  across: number;
}

export interface PanelGridOptions {
  /** panels side by side */
  columns: number;
  /** height of one panel, pixels */
  panelHeight: number;
  /** space between rows, pixels */
  gap: number;
}

const headHeight = 104;
const footHeight = 56;

/**
 * Places panels in rows, in reading order.
 *
 * @param titles - one a panel
 * @throws {@link InvalidArgumentError} if there are no panels, or `columns` is not a positive integer
 */
export function panelGrid(
  titles: readonly string[],
  { columns, panelHeight, gap }: PanelGridOptions,
): PanelGrid {
  if (titles.length === 0) throw new InvalidArgumentError('panels', 'a list with at least one panel', []);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError('columns', 'a positive integer', columns);
  }
  const across = Math.min(columns, titles.length);
  const rows = Math.ceil(titles.length / across);
  const gapX = across > 1 ? 0.04 : 0;
  const gapY = rows > 1 ? gap / (panelHeight * rows) : 0;
  const width = (1 - gapX * (across - 1)) / across;
  const height = (1 - gapY * (rows - 1)) / rows;
  const panels = titles.map((text, i): Panel => {
    const left = (i % across) * (width + gapX);
    const top = 1 - Math.floor(i / across) * (height + gapY);
    return {
      id: i === 0 ? '' : String(i + 1),
      domainX: [left, left + width],
      domainY: [Math.max(0, top - height), top],
      isFirst: i % across === 0,
      isLowest: i + across >= titles.length,
      heading: {
        text,
        x: left,
        y: top,
        xref: 'paper',
        yref: 'paper',
        xanchor: 'left',
        yanchor: 'bottom',
        showarrow: false,
        font: { size: 12.5, weight: 600 },
      },
    };
  });
  return {
    panels,
    height: headHeight + panelHeight * rows + footHeight,
    margin: { t: headHeight, b: footHeight },
    across,
  };
}
