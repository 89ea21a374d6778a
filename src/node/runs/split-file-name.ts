import { createHash } from 'node:crypto';

/**
 * A split's name as that of a file or folder: `fold 1, sentences A` is `fold-1-sentences-A`. Where more than blanks and commas is
 * lost, the beginning of the name's hash tells it from others: `Ann/Bob` is not `Ann:Bob`.
 */
export function splitFileName(split: string): string {
  const name = split.replace(/[^\p{L}\p{N}_+-]+/gu, '-');
  if (/^[\p{L}\p{N}_+\-, ]+$/u.test(split)) return name;
  return `${name}-${createHash('sha256').update(split).digest('hex').slice(0, 8)}`;
}
