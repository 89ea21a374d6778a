import { escapeHtml } from '../escape-html';
import { type Cell, joinLines, type Notebook } from '../notebook-file';
import { highlightCode } from './highlight-code';
import { createMarkdown, type Heading } from './markdown';
import { renderOutput } from './render-output';
import { type PageLink, renderPage } from './render-page';

/** Options of {@link renderNotebookHtml}. */
export interface NotebookPageOptions {
  /** where the page finds plotly.min.js, relative to itself */
  plotlyUrl: string;
  /** shown by the browser; the notebook's first heading if not given */
  title?: string;
  /** where the page finds the folder of the notebooks, with a slash at its end */
  notebooksUrl?: string;
  /** the page that lists all of them, and the neighbours of this one */
  index?: PageLink;
  previous?: PageLink;
  next?: PageLink;
  /** when and how this was run */
  note?: string;
  /** what the reader must know first: that the run failed */
  warning?: string;
}

/**
 * An executed notebook as one HTML page that needs no server: text, code, and what the cells showed. Figures are
 * interactive where `plotlyUrl` leads to Plotly, and pictures elsewhere; nothing comes from the network.
 */
export function renderNotebookHtml(notebook: Notebook, options: NotebookPageOptions): string {
  const { plotlyUrl, notebooksUrl = '', index, previous, next, note, warning } = options;
  const markdown = createMarkdown(notebooksUrl);
  const inOutput = createMarkdown(notebooksUrl);
  const body = notebook.cells.map((cell) =>
    cell.cell_type === 'markdown'
      ? markdown.render(joinLines(cell.source))
      : renderCell(cell, inOutput.render),
  );
  const hasFigure = body.some((html) => html.includes('class="ser-figure"'));
  const lines = [
    ...(warning === undefined ? [] : [`<p class="warning">${escapeHtml(warning)}</p>`]),
    ...(note === undefined ? [] : [`<p class="run">${escapeHtml(note)}</p>`]),
  ];
  return renderPage({
    title: options.title ?? notebookTitle(notebook) ?? 'Notebook',
    // Before the figures' own scripts, which look for it.
    head: hasFigure ? `<script src="${escapeHtml(plotlyUrl)}"></script>` : '',
    links: [previous, index, next],
    // The first cell introduces; the contents follow it.
    body: [...lines, ...body.slice(0, 1), contents(markdown.headings), ...body.slice(1)].join('\n'),
  });
}

/** The text of a notebook's first heading. */
export function notebookTitle({ cells }: Notebook): string | undefined {
  for (const { cell_type: type, source } of cells) {
    const heading = type === 'markdown' && /^# +(.+)$/m.exec(joinLines(source));
    if (heading) return heading[1].replace(/[*_`]/g, '').trim();
  }
  return undefined;
}

function renderCell(
  { cell_type: type, source, outputs = [] }: Cell,
  markdown: (text: string) => string,
): string {
  const text = joinLines(source);
  if (type === 'raw') return `<pre class="text">${escapeHtml(text)}</pre>`;
  if (text.trim() === '') return '';
  const code = `<pre class="source"><code>${highlightCode(text)}</code></pre>`;
  return [code, ...outputs.map((output) => renderOutput(output, markdown))].join('\n');
}

function contents(headings: readonly Heading[]): string {
  const listed = headings.filter(({ level }) => level === 2 || level === 3);
  if (listed.length < 3) return '';
  const items = listed.map(
    ({ level, text, id }) =>
      `<li class="level-${level}"><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents"><strong>On this page</strong><ul>${items.join('')}</ul></nav>`;
}
