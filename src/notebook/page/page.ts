import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, fontStack } from '../../core/figures';
import { buildPlotly, plotlyFile } from '../../node/build';
import { renderPng } from '../../node/drawing';
import { projectRoot } from '../../node/files';
import { escapeHtml } from '../display';
import { figureBundle } from '../figure';

/** An executed notebook in the list. */
export interface IndexEntry {
  title: string;
  url: string;
  /** date, settings and outcome of the run */
  note: string;
  /** the question that the notebook answers */
  question?: string;
  /** one of its figures as base64 PNG */
  picture?: string;
  /** shown in red, for example if it failed or is older than its notebook */
  warning?: string;
}

/** Renders the page that lists the executed notebooks. */
export function renderIndexHtml(
  entries: readonly IndexEntry[],
  { title, note }: { title: string; note: string },
): string {
  const items = entries.map(
    (entry) =>
      '<li>' +
      (entry.picture === undefined
        ? ''
        : `<a class="picture" href="${escapeHtml(entry.url)}" tabindex="-1" aria-hidden="true"><img alt="" src="data:image/png;base64,${escapeHtml(entry.picture)}"></a>`) +
      `<div><h2><a href="${escapeHtml(entry.url)}">${escapeHtml(entry.title)}</a></h2>` +
      (entry.question === undefined ? '' : `<p>${escapeHtml(entry.question)}</p>`) +
      `<p class="run">${escapeHtml(entry.note)}</p>` +
      (entry.warning === undefined ? '' : `<p class="warning">${escapeHtml(entry.warning)}</p>`) +
      '</div></li>',
  );
  const body = `<h1>${escapeHtml(title)}</h1>\n<p class="run">${escapeHtml(note)}</p>\n<ul class="notebooks">\n${items.join('\n')}\n</ul>`;
  return renderPage({ title, body });
}

/** A link between pages. */
export interface PageLink {
  title: string;
  url: string;
}

/** Parts of a page; `head` and `body` are HTML. */
interface Page {
  title: string;
  head?: string;
  body: string;
  /** to the previous page, the index and the next one */
  links?: readonly [PageLink | undefined, PageLink | undefined, PageLink | undefined];
}

/** Renders a complete HTML page with its style. */
export function renderPage({
  title,
  head = '',
  body,
  links = [undefined, undefined, undefined],
}: Page): string {
  const [previous, index, next] = links;
  const navigation =
    `<nav class="pages"><span>${link(previous, '← ', '')}</span><span>${link(index, '', '')}</span>` +
    `<span>${link(next, '', ' →')}</span></nav>`;
  const hasLinks = links.some((one) => one !== undefined);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
${head}
</head>
<body>
${hasLinks ? navigation : ''}
<main>
${body}
</main>
${hasLinks ? `<footer>${navigation.replace('<nav class="pages">', '<nav class="pages" style="width:100%">')}</footer>` : ''}
</body>
</html>
`;
}

function link(to: PageLink | undefined, before: string, after: string): string {
  return to ? `<a href="${escapeHtml(to.url)}">${before}${escapeHtml(to.title)}${after}</a>` : '';
}

/**
 * Style of the pages: black on white, one column, suitable for print. Code wraps; tables and aligned text wider than the page scroll,
 * with a shadow at the edge where they continue.
 */
const pageStyle = `
:root { --ink: #1d2129; --soft: #5b6472; --line: #dfe3e8; --ground: #f6f7f9; --link: #0b5cad; --bad: #b3261e; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 60rem; color: var(--ink); background: #fff;
  font: 16px/1.6 ${fontStack}; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 0.6em; }
h1 { font-size: 2rem; margin-top: 1em; } h2 { font-size: 1.4rem; } h3 { font-size: 1.12rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
main > p, main > ul, main > ol, main > blockquote { max-width: 46rem; }
img, svg, video { max-width: 100%; }
code, pre { font: 0.84em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { margin: 0.7em 0; padding: 0.7em 0.9em; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: inherit; }
.ser-table p, .ser-audio figcaption, .ser-progress { font-size: 0.85rem; color: var(--soft); }
p code, li code, td code { background: var(--ground); padding: 0.1em 0.3em; border-radius: 3px; font-size: 0.86em; }
pre.source { background: var(--ground); border: 1px solid var(--line); border-radius: 5px; margin-top: 1.4em; }
pre.text { padding: 0 0.9em; color: var(--ink); }
pre.text .aligned { white-space: pre; }
pre.stderr { color: var(--soft); border-left: 3px solid var(--line); }
pre.error { color: var(--bad); background: #fdf1f0; border: 1px solid #f0b9b5; border-radius: 5px; }
blockquote { margin: 1em 0; padding: 0 1em; border-left: 3px solid var(--line); color: var(--soft); }
.output { margin: 0.7em 0; }
.output, .ser-table, pre.text { overflow-x: auto; scrollbar-width: thin; background:
  linear-gradient(to right, #fff 50%, #fff0) left / 3em 100% no-repeat local, linear-gradient(to left, #fff 50%, #fff0) right / 3em 100% no-repeat local,
  linear-gradient(to right, #0003, #0000) left / 0.8em 100% no-repeat, linear-gradient(to left, #0003, #0000) right / 0.8em 100% no-repeat; }
table { border-collapse: collapse; font-size: 0.86em; line-height: 1.4; font-variant-numeric: tabular-nums; margin: 0.6em 0; }
th, td { padding: 0.3em 0.8em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--soft); }
caption { font-weight: 600; padding: 0.3em 0; }
nav.pages, footer { display: flex; justify-content: space-between; gap: 1em; flex-wrap: wrap; font-size: 0.85rem; color: var(--soft); }
nav.contents { font-size: 0.88rem; border: 1px solid var(--line); border-radius: 5px; padding: 0.7em 1.1em; margin: 1.5em 0; }
nav.contents ul { list-style: none; margin: 0.3em 0 0; padding: 0; columns: 2; column-gap: 2em; }
nav.contents li.level-3 { padding-left: 1.2em; }
footer { border-top: 1px solid var(--line); margin-top: 3em; padding-top: 1em; }
.run { font-size: 0.85rem; color: var(--soft); }
main > ul.notebooks { list-style: none; padding: 0; max-width: none; }
.notebooks li { display: flex; gap: 1.5rem; align-items: flex-start; padding: 1.2rem 0; border-top: 1px solid var(--line); }
.notebooks li > div { flex: 1; } .notebooks h2 { font-size: 1.15rem; margin: 0; } .notebooks p { margin: 0.4em 0 0; }
.picture { flex: 0 0 15rem; } .picture img { display: block; width: 100%; border: 1px solid var(--line); border-radius: 5px; }
.warning { border: 1px solid #f0b9b5; border-left: 5px solid var(--bad); background: #fdf1f0; padding: 0.7em 1em; border-radius: 5px; }
.hljs-keyword, .hljs-literal { color: #7b2fa3; } .hljs-string, .hljs-template-tag { color: #0a6640; }
.hljs-number { color: #a8500b; } .hljs-comment { color: #6a737d; font-style: italic; }
.hljs-title, .hljs-title.function_ { color: #0b5cad; } .hljs-built_in, .hljs-type { color: #155a8a; }
.hljs-attr, .hljs-property { color: #24405e; } .hljs-subst { color: inherit; }
@media (max-width: 40rem) { nav.contents ul { columns: 1; } .notebooks li { flex-direction: column; } .picture { flex: none; width: 100%; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; } nav { display: none !important; }
  pre.source, .output, table, .warning { break-inside: avoid; } h1, h2, h3 { break-after: avoid; } a { color: inherit; }
}
`;

/** A figure on a page of its own. */
export interface FigureSection {
  heading: string;
  figure: Figure;
  /** the numbers of the figure, for readers who cannot see it: the first row is the heading */
  table?: readonly (readonly string[])[];
}

/**
 * Renders figures as one HTML page that needs no other file and no network: it contains Plotly (5 MB), and pictures for viewers that
 * run no scripts.
 */
export async function renderFigurePage(
  sections: readonly FigureSection[],
  { title, note }: { title: string; note: string },
): Promise<string> {
  await buildPlotly();
  const plotly = readFileSync(join(projectRoot, plotlyFile), 'utf8').replaceAll('</script', '<\\/script');
  const parts: string[] = [];
  for (const [i, { heading, figure, table }] of sections.entries()) {
    const { width = 700, height = 400 } = figure.layout;
    const png = await renderPng(figure, { isCompressed: true });
    const fluid = { data: figure.data, layout: { ...figure.layout, width: undefined, autosize: true } };
    const html = figureBundle(fluid, { id: `figure-${i + 1}`, width, height, png })['text/html'] as string;
    parts.push(`<h2>${escapeHtml(heading)}</h2>\n${html}\n${table ? tableHtml(table) : ''}`);
  }
  const body = `<h1>${escapeHtml(title)}</h1>\n<p class="run">${escapeHtml(note)}</p>\n${parts.join('\n')}`;
  return renderPage({ title, head: `<script>${plotly}</script>`, body });
}

function tableHtml([heading, ...rows]: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((row) => cells('td', row)).join('\n');
  return `<details><summary>Table</summary><table><thead>${cells('th', heading)}</thead><tbody>${body}</tbody></table></details>`;
}
