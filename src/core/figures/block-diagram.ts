import { InvalidArgumentError } from '../base';
import { type Annotation, type Attributes, type Figure, literal } from './figure';
import { baseLayout, fills, inks } from './theme';

/** One step of a {@link blockDiagramFigure}. */
export interface Block {
  /** two or three words */
  title: string;
  /** one or two lines of about 26 characters */
  lines?: readonly string[];
  /** draws the block in the warning colour */
  isMarked?: boolean;
}

/** The options of {@link blockDiagramFigure}. */
export interface BlockDiagramOptions {
  title: string;
  /** the line below the title */
  source: string;
  /** blocks side by side; 4 by default */
  columns?: number;
}

const width = 900;
const block = { width: 188, height: 84, gapX: 40, gapY: 34 };
const marginTop = 86;

/**
 * Draws the steps of a pipeline as blocks connected by arrows (the paper's Fig. 1).
 *
 * @throws {@link InvalidArgumentError} if there are no blocks, or `columns` is not a positive integer
 * @example
 * ```ts
 * blockDiagramFigure([{ title: 'Recording' }, { title: 'Features' }], { title: 'Pipeline', source: 'the paper' });
 * ```
 */
export function blockDiagramFigure(
  blocks: readonly Block[],
  { title, source, columns = 4 }: BlockDiagramOptions,
): Figure {
  if (blocks.length === 0) throw new InvalidArgumentError('blocks', 'a list with at least one block', []);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError('columns', 'a positive integer', columns);
  }
  const rows = Math.ceil(blocks.length / columns);
  const [stepX, stepY] = [block.width + block.gapX, block.height + block.gapY];
  // Every second row runs from right to left, so that all arrows are short.
  const centres = blocks.map((_, i) => {
    const [row, place] = [Math.floor(i / columns), i % columns];
    const column = row % 2 === 0 ? place : columns - 1 - place;
    return { x: column * stepX + block.width / 2, y: row * stepY + block.height / 2 };
  });
  const plot = { width: columns * stepX - block.gapX, height: rows * stepY - block.gapY };
  const side = (width - plot.width) / 2;
  const hidden = { visible: false, fixedrange: true };
  return {
    // Plotly needs at least one trace.
    data: [{ type: 'scatter', mode: 'markers', x: [0], y: [0], marker: { opacity: 0 }, hoverinfo: 'skip' }],
    layout: baseLayout(
      { title, source },
      {
        width,
        height: marginTop + plot.height + 20,
        margin: { l: side, r: side, t: marginTop, b: 20 },
        xaxis: { ...hidden, range: [0, plot.width] },
        yaxis: { ...hidden, range: [plot.height, 0] },
        showlegend: false,
        shapes: blocks.map(({ isMarked = false }, i) => boxAt(centres[i], isMarked)),
        annotations: [
          ...blocks.map((one, i) => textAt(centres[i], one)),
          ...centres.slice(1).map((to, i) => arrow(centres[i], to)),
        ],
      },
    ),
  };
}

interface Point {
  x: number;
  y: number;
}

function boxAt({ x, y }: Point, isMarked: boolean): Attributes {
  return {
    type: 'rect',
    x0: x - block.width / 2,
    x1: x + block.width / 2,
    y0: y - block.height / 2,
    y1: y + block.height / 2,
    layer: 'below',
    fillcolor: isMarked ? fills.marked : fills.plain,
    line: { color: isMarked ? inks.line : '#3f73ad', width: 1.5 },
  };
}

function textAt({ x, y }: Point, { title, lines = [] }: Block): Annotation {
  const below = lines.map((line) => `<br><span style="font-size:12px">${literal(line, 40)}</span>`).join('');
  return { text: `<b>${literal(title, 40)}</b>${below}`, x, y, showarrow: false, font: { size: 14 } };
}

/** Arrow from the edge of one block to the edge of the next. */
function arrow(from: Point, to: Point): Annotation {
  const [right, down] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  const reach = (point: Point, sign: number): Point => ({
    x: point.x + (sign * right * block.width) / 2,
    y: point.y + (sign * down * block.height) / 2,
  });
  const [tail, head] = [reach(from, 1), reach(to, -1)];
  return {
    text: '',
    ...{ x: head.x, y: head.y, ax: tail.x, ay: tail.y, axref: 'x', ayref: 'y' },
    showarrow: true,
    arrowhead: 2,
    arrowsize: 1.1,
    arrowwidth: 1.75,
    arrowcolor: inks.mark,
  };
}
