/**
 * Text as a terminal would show it: a carriage return goes back to the start of its line, and what follows overwrites
 * what is there.
 */
export function terminalText(written: string): string {
  if (!written.includes('\r')) return written;
  return written.replace(/\r+\n/g, '\n').split('\n').map(overwrite).join('\n');
}

/**
 * Shorter text that a terminal shows in the same way, whatever is written after it: finished lines as they are shown,
 * of the last one what is shown and the part being written. A progress bar so takes one line, not a thousand.
 */
export function compactText(written: string): string {
  if (!written.includes('\r')) return written;
  const start = written.lastIndexOf('\n') + 1;
  const parts = written.slice(start).split('\r');
  const current = parts.pop() ?? '';
  const shown = parts.length > 0 ? `${parts.reduce(overwriteBy, '')}\r` : '';
  return terminalText(written.slice(0, start)) + shown + current;
}

function overwrite(line: string): string {
  return line.split('\r').reduce(overwriteBy, '');
}

function overwriteBy(shown: string, part: string): string {
  return part + shown.slice(part.length);
}
