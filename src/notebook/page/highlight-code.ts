import highlighter from 'highlight.js/lib/core';
import typescript from 'highlight.js/lib/languages/typescript';
import { escapeHtml } from '../escape-html';

highlighter.registerLanguage('typescript', typescript);

/** Source as HTML with its syntax marked; languages other than TypeScript and JavaScript are only escaped. */
export function highlightCode(source: string, language = 'typescript'): string {
  const isKnown = /^(ts|js|typescript|javascript)$/.test(language);
  return isKnown ? highlighter.highlight(source, { language: 'typescript' }).value : escapeHtml(source);
}
