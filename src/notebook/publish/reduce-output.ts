import { reducePng } from '../../node/drawing';
import { joinLines, type Multiline, type Output, splitLines } from '../notebook-file';
import { isStaticHtml } from './static-html';

/** Folders of this machine, by what a published notebook says instead: `['/home/me/corpora', 'SER_DATA']`. */
export type Renames = readonly (readonly [folder: string, name: string])[];

/**
 * An output as it is published: small, without sound, and without the folders of the machine it was made on.
 *
 * - a figure keeps its picture, in fewer colours, and its title; the interactive plot goes
 * - a player becomes a line that names the clip, since the recordings may not be passed on
 * - a table stays, as static HTML and as text; a bar of progress stays as text
 * - other HTML that needs scripts or carries data goes, where there is a text in its place
 * - text and errors stay
 */
export async function reduceOutput(output: Output, renames: Renames): Promise<Output> {
  const clean = (text: Multiline): string[] => splitLines(renamed(joinLines(text), renames));
  if (output.output_type === 'stream') return { ...output, text: clean(output.text) };
  if (output.output_type === 'error') {
    const [evalue, ...traceback] = [output.evalue, ...output.traceback].map((line) => renamed(line, renames));
    return { ...output, evalue, traceback };
  }
  const data: Record<string, unknown> = {};
  for (const type of ['text/html', 'text/markdown', 'text/plain', 'image/png']) {
    const content = output.data[type];
    if (!isMultiline(content)) continue;
    const text = joinLines(content);
    if (type === 'image/png') data[type] = (await reducePng(Buffer.from(text, 'base64'))).toString('base64');
    else if (type !== 'text/html') data[type] = clean(content);
    else if (isStaticHtml(text) || output.data['text/plain'] === undefined) data[type] = clean(content);
  }
  const { 'text/html': html, 'text/plain': about } = output.data;
  if (isPlayer(html) && isMultiline(about))
    data['text/plain'] = clean(`${joinLines(about)} The player is made when the notebook runs.`);
  return { ...output, data, metadata: {} };
}

function isPlayer(html: unknown): boolean {
  return isMultiline(html) && /<audio\b/i.test(joinLines(html));
}

function isMultiline(content: unknown): content is Multiline {
  return typeof content === 'string' || Array.isArray(content);
}

function renamed(text: string, renames: Renames): string {
  return renames.reduce((result, [folder, name]) => result.replaceAll(folder, name), text);
}
