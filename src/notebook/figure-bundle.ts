import { type Figure, figureJson } from '../core/figures';
import type { MimeBundle } from './cell-host';
import { escapeHtml } from './escape-html';
import { figureScript } from './figure-script';

/** What {@link figureBundle} needs besides the figure. */
export interface FigureBundleOptions {
  /** unique in the page */
  id: string;
  /** layout pixels */
  width: number;
  height: number;
  /** the figure drawn beforehand; without it viewers that run no scripts show the title alone */
  png?: Buffer;
}

/**
 * A figure in every form a viewer may ask for. The HTML shows the picture at once, and its script puts the interactive
 * plot in its place where Plotly can be found.
 */
export function figureBundle(figure: Figure, { id, width, height, png }: FigureBundleOptions): MimeBundle {
  const title = figureTitle(figure);
  const base64 = png?.toString('base64');
  const inside = base64
    ? `<img alt="${escapeHtml(title)}" src="data:image/png;base64,${base64}" style="width:100%;height:auto">`
    : escapeHtml(title);
  const script = figureScript(id, scriptJson(figure));
  const html =
    `<div id="${escapeHtml(id)}" class="ser-figure" style="width:${width}px;max-width:100%;min-height:${height}px">` +
    `${inside}</div>\n<script>${script}</script>`;
  return {
    'text/html': html,
    ...(base64 && { 'image/png': base64 }),
    'text/plain': `[figure: ${title}]`,
  };
}

/** A figure's JSON as it may stand inside a `<script>`: no `<`, so no end tag and no comment can open there. */
function scriptJson(figure: Figure): string {
  return figureJson(figure).replace(/[<\u2028\u2029]/g, asEscape);
}

/** The first line of the figure's title, without markup. */
export function figureTitle({ layout }: Figure): string {
  const title = (layout.title?.text ?? 'untitled').replace(/<br\s*\/?>/g, ' · ').replace(/<[^>]*>/g, '');
  return title.trim() || 'untitled';
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
