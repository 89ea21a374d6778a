import { escapeHtml } from '../escape-html';
import { renderPage } from './render-page';

/** One executed notebook in the list. */
export interface IndexEntry {
  title: string;
  url: string;
  /** when and how it was run, and how that ended */
  note: string;
  /** shown in red: it failed, or it is older than its notebook */
  warning?: string;
}

/** The page that lists the executed notebooks. */
export function renderIndexHtml(
  entries: readonly IndexEntry[],
  { title, note }: { title: string; note: string },
): string {
  const items = entries.map(
    (entry) =>
      `<li><a href="${escapeHtml(entry.url)}">${escapeHtml(entry.title)}</a>` +
      `<br><span class="run">${escapeHtml(entry.note)}</span>` +
      (entry.warning === undefined ? '' : `<p class="warning">${escapeHtml(entry.warning)}</p>`) +
      '</li>',
  );
  const body = `<h1>${escapeHtml(title)}</h1>\n<p class="run">${escapeHtml(note)}</p>\n<ul>\n${items.join('\n')}\n</ul>`;
  return renderPage({ title, body });
}
