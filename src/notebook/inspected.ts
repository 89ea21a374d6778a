import { inspect } from 'node:util';
import { formatCount, messageOf, shorten } from '../core/base';
import type { MimeBundle } from './display';

/** Maximum number of lines of an object, and of characters of a text. */
const maxLines = 40;
const maxCharacters = 100_000;

/** A value as text: strings unchanged, other values as `console.log` prints them. Does not depend on the rest of the library. */
export function textBundle(value: unknown): MimeBundle {
  return { 'text/plain': typeof value === 'string' ? shortened(value) : inspected(value) };
}

/** Whether a value can be awaited; false if that cannot be determined without an error. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
  } catch {
    return false; // a getter or proxy threw
  }
}

/** An object as `console.log` prints it, at most 40 lines. An error has no stack trace, because it was not thrown. */
export function inspected(value: unknown): string {
  try {
    return value instanceof Error ? shortened(errorText(value)) : shortened(objectText(value));
  } catch (error) {
    // A getter, a proxy or a method of the object failed.
    return `(a value that cannot be shown: ${messageOf(error)})`;
  }
}

/** A value as one line of text. Objects without a text of their own are shown like `console.log` does. */
export function lineText(value: unknown): string {
  const bare = '[object Object]';
  let own = bare;
  try {
    own = String(value);
  } catch {
    // an object without prototype
  }
  return own === bare ? shorten(inspected(value).replace(/\s+/g, ' '), 80) : own;
}

function objectText(value: unknown): string {
  const text = inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 1000, breakLength: 100 });
  const lines = text.split('\n');
  const more = lines.length - maxLines;
  if (more <= 0) return text;
  return [...lines.slice(0, maxLines), `… ${formatCount(more)} more line${more === 1 ? '' : 's'}`].join('\n');
}

/** @param shown - errors above this one: an error may be its own cause */
function errorText(error: Error, shown: readonly Error[] = []): string {
  const { name, message, cause } = error;
  const above = [...shown, error];
  if (cause === undefined || above.includes(cause as Error)) return `${name}: ${message}`;
  return `${name}: ${message}\nCaused by ${cause instanceof Error ? errorText(cause, above) : messageOf(cause)}`;
}

/** A text without the part after the first 100,000 characters, which is counted. */
export function shortened(text: string): string {
  const more = text.length - maxCharacters;
  return more > 0 ? `${text.slice(0, maxCharacters)}\n… ${formatCount(more)} more characters` : text;
}
