/**
 * Shows a bundle in the running cell. Outside a notebook its plain text goes to stdout, so that the same code can run
 * as a script.
 */
export function display(bundle: MimeBundle, options: DisplayOptions = {}): void {
  const host = cellHost();
  if (host !== undefined) {
    host.display(bundle, options);
    return;
  }
  const text = bundle['text/plain'] ?? bundle['text/markdown'];
  if (typeof text === 'string') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** One piece of output in several forms, by MIME type; a viewer shows the richest one it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Which output a bundle belongs to. */
export interface DisplayOptions {
  /** a name by which the output can be replaced later */
  displayId?: string;
  /** replace the output of that name instead of adding one */
  update?: boolean;
}

/** What a kernel offers to the library while a cell runs. */
export interface CellHost {
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** aborted when the user interrupts the cell that is running */
  readonly signal: AbortSignal;
}

/** Kernel and library are loaded separately and meet only here. */
const key = Symbol.for('speech-emotion-workbench.cell');
const shared = globalThis as { [key]?: CellHost };

/** The kernel this code runs in, or undefined outside a notebook. */
export function cellHost(): CellHost | undefined {
  return shared[key];
}

/** Called by the kernel, once, before the first cell. */
export function installCellHost(host: CellHost | undefined): void {
  shared[key] = host;
}

const neverAborted = new AbortController().signal;

/**
 * A signal that is aborted when the user interrupts the running cell (the ■ button). Long asynchronous work takes it
 * and stops by itself, since a kernel cannot stop it from outside. Without a kernel it is never aborted.
 */
export function cellSignal(): AbortSignal {
  return cellHost()?.signal ?? neverAborted;
}

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

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML that shows it, safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}
