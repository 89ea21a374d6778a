import { plotlyFile } from '../node/drawing';

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
