import { createHash } from 'node:crypto';
import { reducePng } from '../node/drawing';
import {
  type Cell,
  joinLines,
  type Multiline,
  type Notebook,
  type Output,
  publicationKey,
  sourceSha256,
  splitLines,
} from './notebook-file';

/** What published outputs were made of; no date, so that the same is the same. */
export interface PublicationFacts {
  /** which corpora, and how many clips of them */
  corpora: string;
  /** of the clips and their labels */
  dataFingerprint: string;
  /** of the project's repository, if it is one */
  commit?: string;
  /** the library differed from that commit */
  changed?: boolean;
  /** options that were set from outside, as `SER_SET` */
  settings?: string;
}

/** What a published notebook knows of its outputs, in its metadata. */
export interface Publication extends PublicationFacts {
  /** of the cells as they were executed */
  sourceSha256: string;
  /** of the outputs as they were published */
  outputsSha256: string;
}

/** All published notebooks together take less than this, in bytes of their outputs. */
export const maxPublishedBytes = 3_000_000;

/** The record of a published notebook; undefined if it was not published. */
export function publicationOf({ metadata }: Notebook): Publication | undefined {
  return metadata[publicationKey] as Publication | undefined;
}

/**
 * An executed notebook as it is published: the same cells, with reduced outputs and a record of what made them.
 *
 * @param renames - folders of this machine and what to write instead, the longest first
 */
export async function publishNotebook(
  executed: Notebook,
  facts: PublicationFacts,
  renames: Renames = [],
): Promise<Notebook> {
  const cells = await Promise.all(
    executed.cells.map(async (cell): Promise<Cell> => {
      if (cell.outputs === undefined) return cell;
      return {
        ...cell,
        outputs: await Promise.all(cell.outputs.map((output) => reduceOutput(output, renames))),
      };
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
 * What is wrong with a notebook's outputs, one line each: outputs that were not published or are not those of its present
 * cells, sound, scripts, and traces of a machine. A notebook without outputs has none of these.
 *
 * @param names - words of this machine that must not be read in it, besides any absolute path
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
    problems.push('its outputs are not those that were published');
  }
  for (const [i, { outputs = [] }] of notebook.cells.entries()) {
    const faults = new Set(outputs.flatMap((output) => outputFaults(output, names)));
    problems.push(...[...faults].map((fault) => `cell ${i + 1}: its output ${fault}`));
  }
  return problems;
}

/** What the outputs of a notebook take, in bytes. */
export function outputBytes({ cells }: Notebook): number {
  return cells.reduce((sum, { outputs = [] }) => sum + Buffer.byteLength(JSON.stringify(outputs)), 0);
}

/** Kinds of output that a published notebook may have. */
const allowed = ['text/plain', 'text/markdown', 'text/html', 'image/png'];

function outputFaults(output: Output, names: readonly string[]): string[] {
  const data = 'data' in output ? output.data : {};
  const kinds = Object.keys(data).filter((type) => !allowed.includes(type));
  const html = textOf(data['text/html']);
  const isSound = /<audio\b|data:audio/i.test(html);
  return [
    ...kinds.map((type) => `is of the kind ${type}`),
    ...(isSound ? ['holds sound'] : []),
    ...(!isSound && !isStaticHtml(html) ? ['needs scripts or holds data'] : []),
    ...machineTraces(writtenIn(output), names).map((trace) => `names ${trace}`),
  ];
}

/** All text of an output, without its pictures. */
function writtenIn(output: Output): string {
  if (output.output_type === 'stream') return joinLines(output.text);
  if (output.output_type === 'error') return [output.evalue, ...output.traceback].join('\n');
  const texts = Object.entries(output.data).filter(([type]) => type.startsWith('text/'));
  return texts.map(([, content]) => textOf(content)).join('\n');
}

/** Text however Jupyter has divided it into lines. */
function outputsSha256({ cells }: Notebook): string {
  const outputs = cells.map((cell) => [
    cell.execution_count ?? null,
    (cell.outputs ?? []).map((output) =>
      'data' in output
        ? Object.keys(output.data)
            .sort()
            .map((type) => [type, textOf(output.data[type])])
        : writtenIn(output),
    ),
  ]);
  return createHash('sha256').update(JSON.stringify(outputs)).digest('hex');
}

function textOf(content: unknown): string {
  const isText = typeof content === 'string' || Array.isArray(content);
  return isText ? joinLines(content as Multiline) : JSON.stringify(content ?? '');
}

/**
 * A path from the root of a disk: two names at least, after what is no address, closing tag, fraction or relative path.
 * The first names are those that systems use, since text has slashes of its own.
 */
const absolutePath =
  /(?<![\w./~:…-])\/(?:home|Users|root|tmp|var|private|mnt|media|opt|usr|srv|work|data|etc|Volumes|run|proc|dev|content|workspace)\/[\w.@~+-]+|file:\/\/\S+|\b[A-Za-z]:\\\w[^\s"]*|\\\\\w[\w.-]*\\\w+/g;

/**
 * What a text tells of the machine that it was made on.
 *
 * @param names - words of this machine that must not be read in it: its name, its user's, its folders
 * @returns each path or name found, once
 */
export function machineTraces(text: string, names: readonly string[] = []): string[] {
  const found = [...text.matchAll(absolutePath)].map(([path]) => path);
  return [...new Set([...found, ...names.filter((name) => isNamed(text, name))])];
}

/** As a whole word or path, not as a part of another. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1) + text.charAt(at + name.length))) return true;
  }
  return false;
}

/** Elements that run, load or play something, a bar that only moves while a cell runs, and data inside an address. */
const alive =
  /<(script|iframe|object|embed|audio|video|source|link|progress)\b|\bdata:[\w.+-]+\/|<[^>]*\son\w+\s*=/i;

/** Does HTML show the same everywhere, with nothing to run, to load or to play? */
export function isStaticHtml(html: string): boolean {
  return !alive.test(html);
}

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
