import { escapeHtml } from '../escape-html';
import { pageStyle } from './page-style';

/** A link between pages. */
export interface PageLink {
  title: string;
  url: string;
}

/** What {@link renderPage} puts together; `head` and `body` are HTML. */
export interface Page {
  title: string;
  head?: string;
  body: string;
  /** to the previous page, the index and the next one */
  links?: readonly [PageLink | undefined, PageLink | undefined, PageLink | undefined];
}

/** A whole HTML page, with its style inside. */
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
