import MarkdownIt from 'markdown-it';
import { highlightCode } from './highlight-code';

/** A heading of a page, for its table of contents. */
export interface Heading {
  level: number;
  /** plain text */
  text: string;
  id: string;
}

/** Turns the Markdown of one page into HTML, giving each heading an address of its own. */
export interface MarkdownRenderer {
  render: (markdown: string) => string;
  /** those of all the texts rendered so far */
  readonly headings: readonly Heading[];
}

/**
 * @param notebooksUrl - where the page finds the notebooks' folder: relative pictures and links start there. Links to
 *   other notebooks lead to their pages instead.
 */
export function createMarkdown(notebooksUrl: string): MarkdownRenderer {
  const markdown = new MarkdownIt({ html: false, linkify: true, highlight: highlightCode });
  const headings: Heading[] = [];
  const render = (text: string): string => {
    const environment = {};
    const tokens = markdown.parse(text, environment);
    for (const [i, token] of tokens.entries()) {
      if (token.type === 'heading_open') {
        const plain = plainText(tokens[i + 1].children ?? []);
        const id = freeId(plain, headings);
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

function freeId(text: string, taken: readonly Heading[]): string {
  const base =
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'section';
  let id = base;
  for (let n = 2; taken.some((heading) => heading.id === id); n++) id = `${base}-${n}`;
  return id;
}

function pageUrl(url: string, notebooksUrl: string): string {
  if (/^([a-z][a-z\d+.-]*:|[/#])/i.test(url)) return url;
  const isNotebook = /^(\.\/)?[^/]+\.ipynb(#.*)?$/.test(url);
  return isNotebook ? url.replace(/\.ipynb(?=#|$)/, '.html') : notebooksUrl + url;
}
