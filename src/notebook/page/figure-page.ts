import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure } from '../../core/figures';
import { buildPlotly, plotlyFile } from '../../node/build';
import { renderPng } from '../../node/drawing';
import { projectRoot } from '../../node/files';
import { escapeHtml } from '../display';
import { figureBundle } from '../figure';
import { renderPage } from './page';

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
