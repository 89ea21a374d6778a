import { randomUUID } from 'node:crypto';
import { darkColors, type Figure, figureJson, inks, plainText } from '../core/figures';
import { plotlyFile } from '../node/build';
import { renderPng } from '../node/drawing';
import { cellHost, display, escapeHtml, type MimeBundle } from './display';
import { kernelName } from './runner/kernel-process';

/**
 * Shows a figure in the cell: interactive if the viewer runs scripts and finds Plotly, otherwise as a picture.
 *
 * Await it: the picture is drawn first (about 1 s for the first figure, 0.1 s for later ones). Outside a notebook it prints the title.
 *
 * @throws InvalidArgumentError if the figure has no data
 * @example
 * ```ts
 * await ser.showFigure(ser.figures.emotionCounts(clips, { source }));
 * ```
 */
export async function showFigure(figure: Figure, options: ShowFigureOptions = {}): Promise<void> {
  display(await drawFigure(figure, options));
}

/** Whether a value is a figure: traces, each with a type, and a layout. */
export function isFigure(value: unknown): value is Figure {
  if (typeof value !== 'object' || value === null) return false;
  const { data, layout } = value as { data?: unknown; layout?: unknown };
  const isTrace = (trace: unknown): boolean =>
    typeof trace === 'object' && trace !== null && typeof (trace as { type?: unknown }).type === 'string';
  return Array.isArray(data) && data.every(isTrace) && typeof layout === 'object' && layout !== null;
}

/** Size of a figure. */
export interface ShowFigureOptions {
  /** layout pixels; default the width of the layout, or 700 */
  width?: number;
  /** layout pixels; default the height of the layout, or 400 */
  height?: number;
  /** picture pixels per layout pixel */
  scale?: number;
}

/** A figure with its picture as a MIME bundle; outside a notebook only its title. */
export async function drawFigure(
  figure: Figure,
  { width = figure.layout.width ?? 700, height = figure.layout.height ?? 400, scale }: ShowFigureOptions = {},
): Promise<MimeBundle> {
  const host = cellHost();
  // Outside a notebook the picture is not shown.
  if (host === undefined) return { 'text/plain': `[figure: ${figureTitle(figure)}]` };
  const sized = fluidFigure(figure, { width, height });
  // An interactive cell draws the picture only once.
  if (host.isCaptured) return { [figureType]: sized, 'text/plain': `[figure: ${figureTitle(figure)}]` };
  const png = await renderPng(figure, { width, height, ...(scale !== undefined && { scale }) });
  return figureBundle(sized.figure, { id: `figure-${randomUUID()}`, width, height, png });
}

/** Key of a figure in the bundles that an interactive cell captures. */
export const figureType = 'application/x-ser-figure';

/** A figure as the browser draws it, and its size in layout pixels. */
export interface SizedFigure {
  figure: Figure;
  width: number;
  height: number;
}

/** A figure that uses the available width, up to `width`. */
export function fluidFigure(
  { data, layout }: Figure,
  { width = layout.width ?? 700, height = layout.height ?? 400 }: ShowFigureOptions = {},
): SizedFigure {
  return { figure: { data, layout: { ...layout, width: undefined, height, autosize: true } }, width, height };
}

/** Options of {@link figureBundle}. */
export interface FigureBundleOptions {
  /** unique in the page */
  id: string;
  /** layout pixels */
  width: number;
  height: number;
  /** the figure as a picture; without it, viewers that run no scripts show only the title */
  png?: Buffer;
}

/**
 * A figure as HTML, PNG and text. The HTML contains the picture and a script that replaces it by the interactive plot if Plotly can be
 * loaded.
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

/** The JSON of a figure for use inside `<script>`: `<` is escaped, so that no end tag or comment can occur. */
function scriptJson(figure: Figure): string {
  return figureJson(figure).replace(/[<\u2028\u2029]/g, asEscape);
}

/** The first line of the figure's title, without markup. */
export function figureTitle({ layout }: Figure): string {
  return plainText(layout.title?.text ?? '', ' · ').trim() || 'untitled';
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * The browser script of one figure. It loads Plotly once per page: from a Jupyter server, which serves the files of the kernel's
 * kernelspec and those of the folder that it was started in, or by a relative path from a page on disk. If Plotly cannot be loaded, the
 * picture stays.
 *
 * The script uses no module loader and sets one global: the promise of Plotly. To change the figure, a script sets `serFigure` of its
 * element and calls the element's `serDraw(serFigure)`, which exists once Plotly is loaded.
 *
 * @param id - of the element to draw in
 * @param json - the figure, escaped by {@link scriptJson}
 */
function figureScript(id: string, json: string): string {
  const kernels = [...new Set([process.env.SER_KERNEL ?? kernelName, kernelName])];
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
  const fromRoot = '${plotlyFile}';
  if (!base) return ['../../', '../', ''].map((up) => up + fromRoot);
  const kernels = ${JSON.stringify(kernels)}.map((name) => base + 'kernelspecs/' + name + '/plotly.min.js');
  const [, path = ''] = location.pathname.match(/\\/(?:tree|notebooks)\\/(?:RTC:)?(.*)$/) || [];
  const folders = path.split('/').slice(0, -1);
  const ancestors = [...folders, ''].map((_, i) => folders.slice(0, folders.length - i).map((name) => name + '/').join(''));
  const files = ancestors.flatMap((folder) => [folder + fromRoot.replace('notebooks/', ''), folder + fromRoot]);
  return [...kernels, ...files.map((file) => base + 'files/' + file)];
};
const plotly = async () => {
  if (window.Plotly) return window.Plotly;
  for (const url of candidates()) try { return await load(url); } catch { /* the next one */ }
  throw new Error('Plotly was not found; the picture stays');
};
${themeScript}
(window.serPlotly ??= plotly()).then(async (Plotly) => {
  const drawing = document.createElement('div');
  place.replaceChildren(drawing);
  let drawn;
  place.serDraw = (newest) => {
    place.serFigure = newest;
    drawn = place.offsetWidth > 0 ? isDark() : undefined;
    const { data, layout } = themed(newest);
    return Plotly.react(drawing, data, layout, { responsive: true, displaylogo: false });
  };
  const follow = () => {
    if (place.offsetWidth > 0 && drawn !== isDark()) place.serDraw(place.serFigure || figure);
  };
  // JupyterLab hides everything for a moment while it changes the theme.
  const theme = new MutationObserver(() => requestAnimationFrame(follow));
  // Called when the output is shown, hidden or removed: a figure in a hidden tab is drawn when it is visible again.
  new ResizeObserver(() => {
    if (place.isConnected) theme.observe(document.body, { attributeFilter: ['class', 'data-jp-theme-light'] });
    else theme.disconnect();
    follow();
  }).observe(place);
  await place.serDraw(place.serFigure || figure);
}).catch((reason) => console.info(String(reason)));
})();`;
}

/** One output that changes while a cell runs. */
export interface LiveDisplay {
  /** replaces the content; a string is Markdown */
  update(content: MimeBundle | string): void;
  /** replaces the content by a figure */
  updateFigure(figure: Figure, options?: ShowFigureOptions): Promise<void>;
}

/**
 * Creates an output of the running cell that can be replaced; it appears with the first update. A loop that updates it must `await`
 * something from time to time, otherwise all updates arrive at its end.
 *
 * @example
 * ```ts
 * const live = ser.liveDisplay();
 * for (const epoch of epochs) {
 *   live.update(`epoch ${epoch}`);
 *   await train(epoch);
 * }
 * ```
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

const axis = {
  gridcolor: inks.grid,
  linecolor: inks.axis,
  tickcolor: inks.axis,
  zerolinecolor: inks.axis,
};
/** For figures that leave these colours to Plotly. */
const defaults = {
  paper_bgcolor: inks.ground,
  plot_bgcolor: inks.ground,
  font: { color: inks.text },
  xaxis: axis,
  yaxis: axis,
};

/**
 * Part of the browser script of a figure: `isDark()` returns whether the page is dark, and `themed(figure)` returns the figure in the
 * colours of the page.
 *
 * JupyterLab and Notebook 7 mark their theme in `data-jp-theme-light`, VS Code in the classes of the body. On a dark page, the
 * colours in `darkColors` are replaced, and other colours are mixed with white until they have a contrast of 3 : 1 with the background
 * (text: 4.5 : 1). Other colour scales are not changed. On a light page, the figure is not changed.
 */
export const themeScript = `const isDark = () => document.body.dataset.jpThemeLight === 'false' ||
  (/\\bvscode-(dark|high-contrast)(\\s|$)/.test(document.body.className) &&
    !document.body.classList.contains('vscode-high-contrast-light'));
const themed = (figure) => {
  if (!isDark()) return figure;
  const style = getComputedStyle(document.body);
  const own = ['--jp-layout-color0', '--vscode-editor-background'].map((name) => style.getPropertyValue(name).trim());
  const ground = own.map((color) => color.replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')).find((color) => /^#[\\da-f]{6}$/i.test(color));
  const roles = ${JSON.stringify(darkColors)};
  if (ground) roles['${inks.ground}'] = ground;
  const back = roles['${inks.ground}'];
  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const light = (color) => channels(color)
    .map((value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + [0.2126, 0.7152, 0.0722][i] * value, 0.05);
  const mixed = (color, share) => '#' + channels(color)
    .map((value) => Math.round(value + share * (255 - value)).toString(16).padStart(2, '0')).join('');
  const readable = (color, contrast) => {
    let share = 0;
    while (share < 1 && light(mixed(color, share)) < contrast * light(back)) share += 0.05;
    return mixed(color, share);
  };
  const skipped = new Set(['x', 'y', 'z', 'text', 'customdata', 'hovertext', 'hovertemplate', 'ticktext', 'tickvals']);
  const convert = (value, key, contrast) => {
    if (skipped.has(key)) return value;
    if (typeof value === 'string') {
      const [, color, alpha] = /^(#[\\da-f]{6})([\\da-f]{2})?$/i.exec(value) || [];
      if (!color) return value;
      return (roles[color.toLowerCase()] || (contrast ? readable(color, contrast) : color)) + (alpha || '');
    }
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    const inside = key === 'colorscale' ? 0 : /font$/.test(key) ? 4.5 : contrast;
    if (Array.isArray(value)) return value.map((item) => convert(item, '', inside));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item, name, inside)]));
  };
  const [data, layout, template] = [figure.data, figure.layout, ${JSON.stringify({ layout: defaults })}].map((part) => convert(part, '', 3));
  return { data, layout: { template, ...layout } };
};`;
