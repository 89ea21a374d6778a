import { randomUUID } from 'node:crypto';
import { type Figure, figureJson } from '../core/figures';
import { renderPng } from '../node/drawing';
import { cellHost, display, escapeHtml, type MimeBundle } from './display';

/**
 * Shows a figure in the cell: interactive where scripts run and Plotly is at hand, a picture everywhere else. Await it:
 * the picture is drawn first (a second for the first one, then about a tenth).
 */
export async function showFigure(figure: Figure, options: ShowFigureOptions = {}): Promise<void> {
  display(await drawFigure(figure, options));
}

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

/** Where the project keeps Plotly; the same file for Jupyter and for the pages of `npm start`. */
export const plotlyFile = 'node_modules/plotly.js-dist/plotly.min.js';

/**
 * The script of one figure. It loads Plotly once for the whole page: from the Jupyter server whose root is the project
 * or a folder above it, or by a relative path from a page on disk. When no candidate answers, the picture stays.
 *
 * Runs in the browser, so it is text here; it needs no module loader and leaves one global, the promise of Plotly.
 *
 * @param id - of the element to draw in
 * @param json - the figure, with nothing in it that could end the script
 */
export function figureScript(id: string, json: string): string {
  return `(() => {
const place = document.getElementById(${JSON.stringify(id)});
const figure = ${json};
const load = (url) => new Promise((done, failed) => {
  const script = document.createElement('script');
  script.src = url;
  script.onload = () => (window.Plotly ? done(window.Plotly) : failed());
  script.onerror = failed;
  document.head.append(script);
});
const candidates = () => {
  const config = document.getElementById('jupyter-config-data');
  const base = config ? JSON.parse(config.textContent).baseUrl : document.body.dataset.baseUrl;
  if (!base) return ['../../', '../', ''].map((up) => up + '${plotlyFile}');
  const folders = (location.pathname.match(/\\/(?:tree|notebooks)\\/(.*)$/) || ['', ''])[1].split('/').slice(0, -1);
  const ancestors = folders.map((_, i) => folders.slice(0, folders.length - i).join('/') + '/');
  return ['', ...ancestors].map((folder) => base + 'files/' + folder + '${plotlyFile}');
};
const plotly = async () => {
  if (window.Plotly) return window.Plotly;
  for (const url of candidates()) try { return await load(url); } catch { /* the next one */ }
  throw new Error('Plotly was not found; the picture stays');
};
(window.serPlotly ??= plotly()).then(async (Plotly) => {
  const drawing = document.createElement('div');
  place.replaceChildren(drawing);
  await Plotly.newPlot(drawing, figure.data, figure.layout, { responsive: true, displaylogo: false });
}).catch((reason) => console.info(String(reason)));
})();`;
}

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
