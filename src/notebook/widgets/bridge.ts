/** Wraps the HTML of a result, so that the script can replace it. */
export function inSlot(id: string, html: string): string {
  return `<div id="${id}" class="ser-slot">${html}</div>`;
}

/** Removes the wrapper of {@link inSlot}, for pages and published notebooks. */
export function withoutSlot(html: string): string {
  return /^<div id="slot-[\w-]+" class="ser-slot">([^]*)<\/div>$/.exec(html)?.[1] ?? html;
}

/**
 * The last output of an interactive cell: a place for further results, and the script that moves results from the hidden widgets of the
 * cell to their places. The script is installed once per page and serves all interactive cells.
 *
 * @param prefix - of the ids of the places
 */
export function bridgeHtml(prefix: string): string {
  return `<div class="ser-bridge" id="${prefix}-rest"></div>\n<script>${bridgeScript}</script>`;
}

/** Whether an output is {@link bridgeHtml}, which shows nothing without widgets. */
export function isBridge(html: string): boolean {
  return html.startsWith('<div class="ser-bridge"');
}

/**
 * Widgets show HTML but do not run scripts, so the script observes the page: an element with `data-ser-slot` contains the new content of
 * the place with this id, as base64 of gzipped JSON.
 */
const bridgeScript = `window.serBridge ||= (() => {
const decode = async (text) => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
};
const fill = (place, html) => {
  place.innerHTML = html;
  for (const inert of place.querySelectorAll('script')) {
    const script = document.createElement('script');
    script.textContent = inert.textContent;
    inert.replaceWith(script);
  }
};
const placeOf = (id) => {
  const rest = document.getElementById(id.replace(/\\d+$/, 'rest'));
  const place = document.getElementById(id);
  if (place || !rest) return place;
  const added = document.createElement('div');
  added.id = id;
  rest.append(added);
  return added;
};
const move = async (channel) => {
  const { serSlot: id, serVersion: version } = channel.dataset;
  const place = placeOf(id);
  if (!place || place.serVersion === version) return;
  place.serVersion = version;
  const { figure, html } = await decode(channel.textContent);
  if (place.serVersion !== version) return;
  const isDrawn = figure !== undefined && place.querySelector('.ser-figure');
  if (!isDrawn && html !== undefined) fill(place, html);
  const drawing = place.querySelector('.ser-figure');
  if (figure === undefined || !drawing) return;
  drawing.serFigure = JSON.parse(figure);
  if (drawing.serDraw) await drawing.serDraw(drawing.serFigure);
};
const moveAll = () => {
  for (const channel of document.querySelectorAll('[data-ser-slot]')) move(channel).catch(console.error);
};
// Jupyter Notebook 7 treats arrow keys pressed on a slider as its own shortcuts.
window.addEventListener('keydown', ({ target, key }) => {
  const handle = target instanceof Element && target.closest('.noUi-handle');
  if (handle) handle.toggleAttribute('data-lm-suppress-shortcuts', /^(Arrow|Page|Home$|End$)/.test(key));
}, true);
const observer = new MutationObserver(moveAll);
observer.observe(document.body, { childList: true, subtree: true });
moveAll();
return observer;
})();`;
