/**
 * Text as a terminal would show it in the end: a carriage return goes back to the start of its line, and what follows
 * overwrites what is there. One at the very end is kept, for text that may still come.
 */
export function terminalText(text: string): string {
  if (!text.includes('\r')) return text;
  const lines = text.replace(/\r+\n/g, '\n').split('\n');
  return lines
    .map((line, i) => {
      const isOpen = i === lines.length - 1 && line.endsWith('\r');
      return overwrite(line) + (isOpen ? '\r' : '');
    })
    .join('\n');
}

function overwrite(line: string): string {
  return line.split('\r').reduce((shown, part) => part + shown.slice(part.length), '');
}
