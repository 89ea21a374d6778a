import { basename } from 'node:path';

/** A text with the last part of each absolute path only: records are passed on. */
export function withoutFolders(text: string): string {
  const absolute = /(?<![^\s"'(])(?:[A-Za-z]:)?(?:[\\/][^\\/\s"':()]+){2,}/g;
  return text.replace(absolute, (path) => `…/${basename(path.replaceAll('\\', '/'))}`);
}
