import { printableLines } from '../core/base';

/** One output in several formats, by MIME type; a viewer shows the richest one it supports. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Identifies an output, so that it can be replaced. */
export interface DisplayOptions {
  /** name of the output */
  displayId?: string;
  /** replace the output with this name instead of adding one */
  update?: boolean;
}

/** Services of the kernel that the library uses. */
export interface CellHost {
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** aborted when the user interrupts the running cell */
  readonly signal: AbortSignal;
}

/** Kernel and library are loaded separately; this global is their only connection. */
const key = Symbol.for('speech-emotion-workbench.cell');
const shared = globalThis as { [key]?: CellHost };

/** The kernel that runs this code; undefined outside a notebook. */
export function cellHost(): CellHost | undefined {
  return shared[key];
}

/** The kernel calls this once, before the first cell. */
export function installCellHost(host: CellHost | undefined): void {
  shared[key] = host;
}

/** Turns a value into outputs. */
export type Displayer = (value: unknown) => Promise<MimeBundle[]>;

const displayerKey = Symbol.for('speech-emotion-workbench.displayer');
const sharedDisplayer = globalThis as { [displayerKey]?: Displayer };

/** The library calls this when it is loaded; the kernel then shows the last expression of a cell by it. */
export function installDisplayer(displayer: Displayer): void {
  sharedDisplayer[displayerKey] = displayer;
}

/** The installed displayer; undefined until a cell has imported the library. */
export function installedDisplayer(): Displayer | undefined {
  return sharedDisplayer[displayerKey];
}

const neverAborted = new AbortController().signal;

/**
 * A signal that is aborted when the user interrupts the running cell (the ■ button). Pass it to long asynchronous functions: a kernel
 * cannot stop them from outside. Outside a notebook it is never aborted.
 */
export function cellSignal(): AbortSignal {
  return cellHost()?.signal ?? neverAborted;
}

/** Shows a MIME bundle in the running cell; outside a notebook, prints its plain text to stdout. */
export function display(bundle: MimeBundle, options: DisplayOptions = {}): void {
  const host = cellHost();
  if (host !== undefined) {
    host.display(bundle, options);
    return;
  }
  const text = bundle['text/plain'] ?? bundle['text/markdown'];
  if (typeof text === 'string') process.stdout.write(`${printableLines(text).replace(/\n$/, '')}\n`);
}

/** Shows Markdown in the cell, for example a finding with numbers computed before. */
export function showMarkdown(text: string): void {
  display(markdownBundle(text));
}

/** Markdown as a MIME bundle. */
export function markdownBundle(text: string): MimeBundle {
  return { 'text/markdown': text, 'text/plain': text };
}

/**
 * Shows HTML in the cell without escaping it.
 *
 * @param text - for viewers without HTML
 */
export function showHtml(html: string, text = '(HTML)'): void {
  display({ 'text/html': html, 'text/plain': text });
}

/** Escapes text for use between HTML tags and in quoted attributes. Control characters other than line breaks and tabs become visible. */
export function escapeHtml(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (character) => entities.get(character)!);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);
