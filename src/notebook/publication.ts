import { createHash } from 'node:crypto';
import { WorkbenchError } from '../core/base';
import { reducePng } from '../node/drawing';
import {
  type Cell,
  isMultiline,
  joinLines,
  type Multiline,
  type Notebook,
  type Output,
  publicationKey,
  sourceSha256,
  splitLines,
} from './notebook-file';
import { isBridge, withoutSlot } from './widgets/results';

/** How published outputs were made; without a date, so that equal outputs give an equal file. */
export interface PublicationFacts {
  /** corpora with their number of clips */
  corpora: string;
  /** of clips and labels */
  dataFingerprint: string;
  /** of the project, if it is a git repository */
  commit?: string;
  /** the library had uncommitted changes */
  changed?: boolean;
  /** options set by `SER_SET` */
  settings?: string;
}

/** Facts about the outputs of a published notebook, kept in its metadata. */
export interface Publication extends PublicationFacts {
  /** of the executed cells */
  sourceSha256: string;
  /** of the published outputs */
  outputsSha256: string;
}

/** Limit for the outputs of all published notebooks together (bytes). */
export const maxPublishedBytes = 3_000_000;

/** Facts about a published notebook; undefined if it was not published, or the facts are damaged. */
export function publicationOf({ metadata }: Notebook): Publication | undefined {
  const record = metadata[publicationKey] as Partial<Publication> | null | undefined;
  const isRecord = typeof record?.sourceSha256 === 'string' && typeof record.outputsSha256 === 'string';
  return isRecord ? (record as Publication) : undefined;
}

/**
 * Prepares an executed notebook for publishing: reduces its outputs and adds facts about them.
 *
 * @param renames - local folders and the names that replace them, longest first
 */
export async function publishNotebook(
  executed: Notebook,
  facts: PublicationFacts,
  renames: Renames = [],
): Promise<Notebook> {
  const cells = await Promise.all(
    executed.cells.map(async (cell): Promise<Cell> => {
      if (cell.outputs === undefined) return cell;
      const outputs = cell.outputs.filter(
        (output) => !('data' in output && isBridge(textOf(output.data['text/html']))),
      );
      return { ...cell, outputs: await Promise.all(outputs.map((output) => reduceOutput(output, renames))) };
    }),
  );
  const notebook = { ...executed, cells };
  const record: Publication = {
    ...facts,
    sourceSha256: sourceSha256(notebook),
    outputsSha256: outputsSha256(notebook),
  };
  return { ...notebook, metadata: { ...executed.metadata, [publicationKey]: record } };
}

/**
 * Lists problems of a notebook's outputs, one line each: outputs that were not published or belong to other cells, audio, scripts, and
 * absolute paths. A notebook without outputs has no problems.
 *
 * @param names - further words that must not occur, such as the user name
 */
export function publicationProblems(notebook: Notebook, names: readonly string[] = []): string[] {
  const record = publicationOf(notebook);
  const hasOutputs = notebook.cells.some(
    ({ outputs = [], execution_count: count }) => outputs.length > 0 || count,
  );
  const problems: string[] = [];
  if (record === undefined) {
    if (hasOutputs) problems.push('it has outputs that were not published');
  } else if (record.sourceSha256 !== sourceSha256(notebook)) {
    problems.push('its cells have changed since it was published');
  } else if (record.outputsSha256 !== outputsSha256(notebook)) {
    problems.push('its outputs have changed since it was published');
  }
  for (const [i, { outputs = [] }] of notebook.cells.entries()) {
    const found = new Set(outputs.flatMap((output) => outputProblems(output, names)));
    problems.push(...[...found].map((problem) => `cell ${i + 1}: its output ${problem}`));
  }
  return problems;
}

/** Size of a notebook's outputs in bytes. */
export function outputBytes({ cells }: Notebook): number {
  return cells.reduce((sum, { outputs = [] }) => sum + Buffer.byteLength(JSON.stringify(outputs)), 0);
}

/** MIME types that a published notebook may contain. */
const allowed = ['text/plain', 'text/markdown', 'text/html', 'image/png'];

function outputProblems(output: Output, names: readonly string[]): string[] {
  const data = 'data' in output ? output.data : {};
  const types = Object.keys(data).filter((type) => !allowed.includes(type));
  const html = textOf(data['text/html']);
  const hasAudio = /<audio\b|data:audio/i.test(html);
  return [
    ...types.map((type) => `has the type ${type}`),
    ...(hasAudio ? ['contains audio'] : []),
    ...(!hasAudio && !isStaticHtml(html) ? ['contains scripts or embedded data'] : []),
    ...machineTraces(textIn(output), names).map((trace) => `contains ${trace}`),
  ];
}

/** All text of an output. */
function textIn(output: Output): string {
  if (output.output_type === 'stream') return joinLines(output.text);
  if (output.output_type === 'error') return [output.evalue, ...output.traceback].join('\n');
  const texts = Object.entries(output.data).filter(([type]) => type.startsWith('text/'));
  return texts.map(([, content]) => textOf(content)).join('\n');
}

/** Independent of how Jupyter splits text into lines. */
function outputsSha256({ cells }: Notebook): string {
  const outputs = cells.map((cell) => [
    cell.execution_count ?? null,
    (cell.outputs ?? []).map((output) =>
      'data' in output
        ? Object.keys(output.data)
            .sort()
            .map((type) => [type, textOf(output.data[type])])
        : textIn(output),
    ),
  ]);
  return createHash('sha256').update(JSON.stringify(outputs)).digest('hex');
}

function textOf(content: unknown): string {
  return isMultiline(content) ? joinLines(content) : JSON.stringify(content ?? '');
}

/**
 * An absolute path with at least two names, the first being a common system folder. Excludes addresses, closing tags, fractions and
 * relative paths.
 */
const absolutePath =
  /(?<![\w./~:…-])\/(?:home|Users|root|tmp|var|private|mnt|media|opt|usr|srv|work|data|etc|Volumes|run|proc|dev|content|workspace)\/[\w.@~+-]+|file:\/\/\S+|\b[A-Za-z]:\\\w[^\s"]*|\\\\\w[\w.-]*\\\w+/g;

/**
 * Finds absolute paths and given names in a text.
 *
 * @param names - words that must not occur, such as user and host name
 * @returns each path or name once
 */
export function machineTraces(text: string, names: readonly string[] = []): string[] {
  const found = [...text.matchAll(absolutePath)].map(([path]) => path);
  return [...new Set([...found, ...names.filter((name) => isNamed(text, name))])];
}

/** Whether the name occurs as a whole word or path. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1) + text.charAt(at + name.length))) return true;
  }
  return false;
}

/** Elements that run, load or play something, progress bars, and data URLs. */
const dynamicHtml =
  /<(script|iframe|object|embed|audio|video|source|link|progress)\b|\bdata:[\w.+-]{1,40}\/|<[^<>]*[\s/"']on\w{1,40}\s*=|javascript:/i;

/** Whether the HTML is static: nothing to run, load or play. */
function isStaticHtml(html: string): boolean {
  return !dynamicHtml.test(html);
}

/** Local folders and the names that replace them: `['/home/me/corpora', 'SER_DATA']`. */
export type Renames = readonly (readonly [folder: string, name: string])[];

/**
 * Reduces an output for publishing: small, without audio and local folders.
 *
 * - figures keep their picture, with fewer colours, and their title, but lose the interactive plot
 * - audio players become a line of text, because recordings must not be redistributed
 * - tables stay as static HTML and text; progress bars become text
 * - other HTML with scripts or embedded data is dropped if there is a text version
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
    const text = withoutSlot(joinLines(content));
    if (type === 'image/png') data[type] = await reducedPicture(text);
    else if (type !== 'text/html') data[type] = clean(content);
    else if (isStaticHtml(text) || output.data['text/plain'] === undefined) data[type] = clean(text);
  }
  const { 'text/html': html, 'text/plain': about } = output.data;
  if (isPlayer(html) && isMultiline(about))
    data['text/plain'] = clean(`${joinLines(about)} The player appears when the notebook runs.`);
  return { ...output, data, metadata: {} };
}

async function reducedPicture(base64: string): Promise<string> {
  try {
    return (await reducePng(Buffer.from(base64, 'base64'))).toString('base64');
  } catch (error) {
    throw new WorkbenchError('an output has a damaged PNG picture; run the notebook again', { cause: error });
  }
}

function isPlayer(html: unknown): boolean {
  return isMultiline(html) && /<audio\b/i.test(joinLines(html));
}

function renamed(text: string, renames: Renames): string {
  return renames.reduce((result, [folder, name]) => result.replaceAll(folder, name), text);
}
