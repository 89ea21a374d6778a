import { display } from './display';

/** Shows Markdown in the cell: a finding with the numbers just computed, for example. */
export function showMarkdown(text: string): void {
  display({ 'text/markdown': text, 'text/plain': text });
}

/**
 * Shows HTML in the cell as it stands; escape what comes from data.
 *
 * @param text - what viewers without HTML show
 */
export function showHtml(html: string, text = '(HTML)'): void {
  display({ 'text/html': html, 'text/plain': text });
}
