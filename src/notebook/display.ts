import { cellHost, type DisplayOptions, type MimeBundle } from './cell-host';

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
