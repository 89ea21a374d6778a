import { stripVTControlCharacters } from 'node:util';
import { escapeHtml } from '../escape-html';
import { joinLines, type Multiline, type Output } from '../notebook-file';

/** From the richest form to the plainest; the first one that is there is shown. */
const forms: [type: string, render: (content: string, markdown: (text: string) => string) => string][] = [
  ['text/html', (content) => content],
  ['image/svg+xml', (content) => content],
  ['image/png', (content) => picture('png', content)],
  ['image/jpeg', (content) => picture('jpeg', content)],
  ['text/markdown', (content, markdown) => markdown(content)],
  ['text/plain', (content) => text('text', content)],
];

/**
 * One output of a cell as HTML. What a cell displayed as HTML is taken as it is, since it may hold a figure's script;
 * everything else is escaped.
 *
 * @param markdown - renders Markdown as HTML
 */
export function renderOutput(output: Output, markdown: (text: string) => string): string {
  if (output.output_type === 'stream') return text(`text ${output.name}`, joinLines(output.text));
  if (output.output_type === 'error') {
    const said =
      output.traceback.length > 0 ? output.traceback.join('\n') : `${output.ename}: ${output.evalue}`;
    return text('error', said);
  }
  const form = forms.find(([type]) => isText(output.data[type]));
  if (form === undefined) return '';
  const [type, render] = form;
  return `<div class="output">${render(joinLines(output.data[type] as Multiline), markdown)}</div>`;
}

function isText(content: unknown): boolean {
  return typeof content === 'string' || Array.isArray(content);
}

function text(kind: string, content: string): string {
  return `<pre class="${kind}">${escapeHtml(stripVTControlCharacters(content).trimEnd())}</pre>`;
}

function picture(format: string, base64: string): string {
  return `<img alt="output of the cell" src="data:image/${format};base64,${base64.replaceAll('\n', '')}">`;
}
