import type { Figure } from '../../core/figures';
import { escapeHtml } from '../display';
import { figureBundle } from '../figure';

/**
 * The HTML of an output for a page. Figures of this project keep their interactive plot, static HTML (tables, pictures, audio players) is
 * used unchanged, and other HTML is shown in a sandboxed frame, so that its scripts cannot access the page.
 */
export function outputHtml(html: string): string {
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
  'a|abbr|audio|b|blockquote|br|caption|code|col|colgroup|div|em|figcaption|figure|h[1-6]|hr|i|img|li|ol|p|pre|progress|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul';
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
