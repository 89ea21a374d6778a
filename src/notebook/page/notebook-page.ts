import highlighter from 'highlight.js/lib/core';
import typescript from 'highlight.js/lib/languages/typescript';
import MarkdownIt from 'markdown-it';
import { stripVTControlCharacters } from 'node:util';
import { printableLines } from '../../core/base';
import type { Figure } from '../../core/figures';
import { escapeHtml, pictureHtml } from '../display';
import { figureBundle } from '../figure';
import {
  type Cell,
  isMultiline,
  joinLines,
  type Multiline,
  type Notebook,
  type Output,
} from '../notebook-file';
import { isBridge, withoutSlot } from '../widgets/results';
import { type PageLink, renderPage } from './page';

/** Options of {@link renderNotebookHtml}. */
export interface NotebookPageOptions {
  /** URL of plotly.min.js, relative to the page */
  plotlyUrl: string;
  /** title of the page; default the first heading of the notebook */
  title?: string;
  /** URL of the folder of the notebooks, relative to the page, ending in a slash */
  notebooksUrl?: string;
  /** the page that lists all notebooks; linked between `previous` and `next` */
  index?: PageLink;
  previous?: PageLink;
  next?: PageLink;
  /** date and settings of the run */
  note?: string;
  /** shown first, for example if the run failed */
  warning?: string;
}

/**
 * Renders an executed notebook as one HTML page that needs no server: text, code and outputs. Figures are interactive if `plotlyUrl` can be
 * loaded, otherwise pictures. The page makes no network requests.
 */
export function renderNotebookHtml(notebook: Notebook, options: NotebookPageOptions): string {
  const { plotlyUrl, notebooksUrl = '', index, previous, next, note, warning } = options;
  const markdown = createMarkdown(notebooksUrl);
  const inOutput = createMarkdown(notebooksUrl);
  const body = notebook.cells.map((cell) =>
    cell.cell_type === 'markdown'
      ? markdown.render(cleanText(cell.source))
      : renderCell(cell, inOutput.render),
  );
  const hasFigure = body.some((html) => html.includes('class="ser-figure"'));
  const lines = [
    ...(warning === undefined ? [] : [`<p class="warning">${escapeHtml(warning)}</p>`]),
    ...(note === undefined ? [] : [`<p class="run">${escapeHtml(note)}</p>`]),
  ];
  return renderPage({
    title: options.title ?? notebookTitle(notebook) ?? 'Notebook',
    // Loaded before the scripts of the figures, which need it.
    head: hasFigure ? `<script src="${escapeHtml(plotlyUrl)}"></script>` : '',
    links: [previous, index, next],
    // The table of contents follows the introduction in the first cell.
    body: [...lines, ...body.slice(0, 1), contents(markdown.headings), ...body.slice(1)].join('\n'),
  });
}

/** The question of a notebook: the paragraph of its first cell that starts with **Question.** */
export function notebookQuestion({ cells }: Notebook): string | undefined {
  const first = cells.find(({ cell_type: type }) => type === 'markdown');
  const found = first && /^\*\*Question\.\*\* +(.+(?:\n.+)*)/m.exec(joinLines(first.source));
  return found?.[1].replace(/\s+/g, ' ').replace(/[*_`]/g, '');
}

/** The first figure of an executed notebook as base64 PNG. */
export function notebookPicture({ cells }: Notebook): string | undefined {
  for (const { outputs = [] } of cells) {
    for (const output of outputs) {
      const png = 'data' in output ? output.data['image/png'] : undefined;
      if (isMultiline(png)) return joinLines(png).replace(/\s/g, '');
    }
  }
  return undefined;
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
  const text = cleanText(source);
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

/** A heading of a page, for its table of contents. */
interface Heading {
  level: number;
  /** plain text */
  text: string;
  id: string;
}

/** Renders the Markdown of one page; each heading gets a unique id. */
interface MarkdownRenderer {
  render: (markdown: string) => string;
  /** headings of all texts rendered so far */
  readonly headings: readonly Heading[];
}

/**
 * Creates a Markdown renderer for one page.
 *
 * @param notebooksUrl - base of relative pictures and links; links to other notebooks lead to their pages instead
 */
function createMarkdown(notebooksUrl: string): MarkdownRenderer {
  const markdown = new MarkdownIt({ html: false, linkify: true, highlight: highlightCode });
  const headings: Heading[] = [];
  const taken = new Map<string, number>();
  const render = (text: string): string => {
    // Some inputs take quadratic time.
    if (text.length > maxMarkdown) return `<pre class="text">${escapeHtml(text)}</pre>`;
    const environment = {};
    const tokens = markdown.parse(text, environment);
    for (const [i, token] of tokens.entries()) {
      if (token.type === 'heading_open') {
        const plain = plainText(tokens[i + 1].children ?? []);
        const id = freeId(plain, taken);
        token.attrSet('id', id);
        headings.push({ level: Number(token.tag.slice(1)), text: plain, id });
      }
      for (const child of token.children ?? []) {
        for (const name of ['href', 'src']) {
          const url = child.attrGet(name);
          if (url !== null) child.attrSet(name, pageUrl(String(url), notebooksUrl));
        }
      }
    }
    return markdown.renderer.render(tokens, markdown.options, environment);
  };
  return { render, headings };
}

function plainText(tokens: readonly { type: string; content: string }[]): string {
  return tokens.map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('');
}

function freeId(text: string, taken: Map<string, number>): string {
  const base =
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'section';
  for (let n = (taken.get(base) ?? 0) + 1; ; n++) {
    taken.set(base, n);
    const id = n === 1 ? base : `${base}-${n}`;
    if (id !== base && taken.has(id)) continue;
    taken.set(id, Math.max(1, taken.get(id) ?? 0));
    return id;
  }
}

function pageUrl(url: string, notebooksUrl: string): string {
  if (/^([a-z][a-z\d+.-]*:|[/#])/i.test(url)) return url;
  const isNotebook = /^(\.\/)?[^/]+\.ipynb(#.*)?$/.test(url);
  return isNotebook ? url.replace(/\.ipynb(?=#|$)/, '.html') : notebooksUrl + url;
}

highlighter.registerLanguage('typescript', typescript);

/** Longer cells are not highlighted, because the time grows with the square of the length of a word. */
const maxHighlighted = 20_000;
const longWord = /[\w$]{200}/;
const maxMarkdown = 50_000;

/** Highlights TypeScript and JavaScript; escapes other languages, and cells that are too long. */
function highlightCode(source: string, language = 'typescript'): string {
  const isKnown = /^(ts|js|typescript|javascript)$/.test(language);
  return isKnown && source.length <= maxHighlighted && !longWord.test(source)
    ? highlighter.highlight(source, { language: 'typescript' }).value
    : escapeHtml(source);
}

/** Text of a notebook without colours and with visible control characters. */
const cleanText = (text: Multiline): string =>
  printableLines(stripVTControlCharacters(joinLines(text).replaceAll('\r\n', '\n')));

/** Supported MIME types, richest first; the first one that an output has is shown. */
const formats: [type: string, render: (content: string, markdown: (text: string) => string) => string][] = [
  ['text/html', outputHtml],
  ['image/svg+xml', (content) => picture('svg+xml', Buffer.from(content).toString('base64'))],
  ['image/png', (content) => picture('png', content)],
  ['image/jpeg', (content) => picture('jpeg', content)],
  ['text/markdown', (content, markdown) => markdown(content)],
  ['text/plain', (content) => text('text', content)],
];

/**
 * Renders one output of a cell. Scripts run only for figures, or in a sandboxed frame; see {@link outputHtml}.
 *
 * @param markdown - renders Markdown as HTML
 */
function renderOutput(output: Output, markdown: (text: string) => string): string {
  if (output.output_type === 'stream') return text(`text ${output.name}`, joinLines(output.text));
  if (output.output_type === 'error') {
    const message =
      output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`;
    return text('error', message);
  }
  const format = formats.find(([type]) => isMultiline(output.data[type]));
  if (format === undefined) return '';
  const [type, render] = format;
  const html = render(cleanText(output.data[type] as Multiline), markdown);
  return html === '' ? '' : `<div class="output">${html}</div>`;
}

function text(kind: string, content: string): string {
  const escaped = escapeHtml(stripVTControlCharacters(content).trimEnd());
  // Lines with columns keep their alignment, and other lines wrap.
  return `<pre class="${kind}">${escaped.replace(/^.*\S {2,}\S.*$/gm, '<span class="aligned">$&</span>')}</pre>`;
}

function picture(format: string, base64: string): string {
  return pictureHtml(format, base64, 'output of the cell');
}

/**
 * The HTML of an output for a page. Figures of this project keep their interactive plot, static HTML (tables, pictures, audio players) is
 * used unchanged, and other HTML is shown in a sandboxed frame, so that its scripts cannot access the page.
 */
function outputHtml(given: string): string {
  if (isBridge(given)) return '';
  const html = withoutSlot(given);
  const figure = figureOf(html);
  if (figure !== undefined) return figure;
  if (isStatic(html)) return html;
  return (
    `<iframe sandbox="allow-scripts" srcdoc="${escapeHtml(html)}" title="output of the cell" ` +
    'style="width:100%;height:24rem;border:0"></iframe>'
  );
}

/**
 * Recreates a figure of `showFigure` from its data, so that no script is copied from the notebook.
 *
 * @returns undefined if the HTML is not such a figure
 */
function figureOf(html: string): string | undefined {
  const opening =
    /^<div id="([\w-]{1,100})" class="ser-figure" style="width:(\d{1,5})px;max-width:100%;min-height:(\d{1,5})px">/.exec(
      html,
    );
  const picture = /src="data:image\/png;base64,([\w+/=]*)"/.exec(html.slice(0, html.indexOf('</div>')));
  const start = html.indexOf(figureStart);
  const end = html.indexOf(figureEnd, start);
  if (!opening || start < 0 || end < 0) return undefined;
  try {
    const figure = JSON.parse(html.slice(start + figureStart.length, end)) as Partial<Figure> | null;
    if (!Array.isArray(figure?.data) || typeof figure.layout !== 'object') return undefined;
    const [, id, width, height] = opening;
    const png = picture ? Buffer.from(picture[1], 'base64') : undefined;
    const bundle = figureBundle(figure as Figure, { id, width: Number(width), height: Number(height), png });
    return bundle['text/html'] as string;
  } catch {
    return undefined;
  }
}

const figureStart = '\nconst figure = ';
const figureEnd = ';\nconst load = ';

const elements =
  'a|abbr|audio|b|blockquote|br|caption|code|col|colgroup|div|em|figcaption|figure|h[1-6]|hr|i|img|li|ol|p|pre|progress|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|wbr';
const names =
  'align|alt|border|class|colspan|controls|height|max|preload|rowspan|scope|style|title|value|width';
/** An end tag, or a start tag with harmless attributes only. */
const staticTag = new RegExp(
  `^<(?:/(?:${elements})|(?:${elements})(?:\\s+(?:(?:${names})(?:="[^"<>]*")?|src="data:(?:image/(?:png|jpeg)|audio/wav);base64,[\\w+/=]*"))*\\s*/?)>$`,
  'i',
);
/** CSS that loads something or covers the page. */
const activeStyle = /url\s*\(|@import|expression\s*\(|position\s*:|\\/i;

/** Whether HTML consists of known elements without scripts, handlers, links and addresses. */
function isStatic(html: string): boolean {
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at + 1)) {
    const end = html.indexOf('>', at);
    if (end < 0) return false;
    const tag = html.slice(at, end + 1);
    if (!staticTag.test(tag)) return false;
    const styled = tag.length < 10_000 ? tag : tag.slice(0, tag.indexOf('base64,'));
    if (activeStyle.test(styled) && /style/i.test(styled)) return false;
  }
  return true;
}
