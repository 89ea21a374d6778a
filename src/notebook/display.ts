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

/** A channel between an object of the kernel and its counterpart in the front end. */
export interface Comm {
  readonly id: string;
  /**
   * Sends a message to the front ends.
   *
   * @param options.answers - the message to which this one is the reply
   */
  send(data: CommData, options?: { buffers?: readonly Uint8Array[]; answers?: CommMessage }): void;
  /** Called for each message of a front end, in order. */
  onMessage: (message: CommMessage) => void;
  /** Called once when a front end or the kernel closes the comm. */
  onClose: () => void;
  close(): void;
}

/** Content of a comm message. */
export type CommData = Record<string, unknown>;

/** A message received on a comm. */
export interface CommMessage {
  data: CommData;
  buffers: readonly Uint8Array[];
}

/** Options for opening a comm. */
export interface CommOptions {
  id: string;
  data: CommData;
  metadata: Record<string, unknown>;
  buffers: readonly Uint8Array[];
}

/** What a captured function displayed or printed. */
export type Captured =
  { bundle: MimeBundle; options: DisplayOptions } | { stream: 'stdout' | 'stderr'; text: string };

/** Services of the kernel that the library uses. */
export interface CellHost {
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** aborted when the user interrupts the running cell */
  readonly signal: AbortSignal;
  /** Returns a function that opens comms for the running cell, also after its end. They are closed when the cell runs again or is deleted. */
  commOpener(): (target: string, options: CommOptions) => Comm;
  /** Sets the function that is called when a front end opens a comm with this target. */
  onCommOpen(target: string, handler: (comm: Comm, message: CommMessage) => void): void;
  /** Runs `work`; its output goes to `sink` instead of the cell until its promise settles. */
  capture<T>(sink: (output: Captured) => void, work: () => T | Promise<T>): Promise<T>;
  /** whether the calling code runs in {@link CellHost.capture} */
  readonly isCaptured: boolean;
  /** Calls `handler` whenever the user interrupts the kernel, also while no cell runs. Returns a function that removes it. */
  onInterrupt(handler: () => void): () => void;
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

/** Called by the library when it is loaded. From then on, the kernel displays the last expression of a cell with this function. */
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

/** The value of a promise that may ignore the signal. Rejects with the reason of the signal when it is aborted. */
export async function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
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

/** A picture for an HTML output. Characters that are not base64 are left out. */
export function pictureHtml(format: string, base64: string, alt: string): string {
  return `<img alt="${alt}" src="data:image/${format};base64,${base64.replace(/[^\w+/=]/g, '')}">`;
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);
