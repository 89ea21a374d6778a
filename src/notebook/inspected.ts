import { inspect } from 'node:util';
import { formatCount, messageOf } from '../core/base';
import type { MimeBundle } from './display';

/** Maximum number of lines of an object, and of characters of a text. */
const maxLines = 40;
const maxCharacters = 100_000;

/** A value as text: strings unchanged, other values as `console.log` prints them. Does not depend on the rest of the library. */
export function textBundle(value: unknown): MimeBundle {
  return { 'text/plain': typeof value === 'string' ? shortened(value) : inspected(value) };
}

/** An object as `console.log` prints it, at most 40 lines. Errors are shown without a stack trace, because they were not thrown. */
export function inspected(value: unknown): string {
  if (value instanceof Error) return shortened(errorText(value));
  const text = inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 1000, breakLength: 100 });
  const lines = text.split('\n');
  const more = lines.length - maxLines;
  if (more <= 0) return text;
  return [...lines.slice(0, maxLines), `… ${formatCount(more)} more line${more === 1 ? '' : 's'}`].join('\n');
}

function errorText({ name, message, cause }: Error): string {
  if (cause === undefined) return `${name}: ${message}`;
  return `${name}: ${message}\nCaused by ${cause instanceof Error ? errorText(cause) : messageOf(cause)}`;
}

function shortened(text: string): string {
  const more = text.length - maxCharacters;
  return more > 0 ? `${text.slice(0, maxCharacters)}\n… ${formatCount(more)} more characters` : text;
}
