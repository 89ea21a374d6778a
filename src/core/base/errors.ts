import { distance } from 'fastest-levenshtein';
import { shorten } from './text';

/** Base class of all errors that this library raises on purpose. The message is written for the user. */
export class WorkbenchError extends Error {
  override name = 'WorkbenchError';
}

/** An argument breaks a rule. The message names the parameter, the rule and the value received. */
export class InvalidArgumentError extends WorkbenchError {
  override name = 'InvalidArgumentError';

  /**
   * @param parameter - the parameter's name as the caller writes it, for example `sampleRate`
   * @param rule - the rule that it breaks, for example `a positive integer (Hz)`
   * @param value - the value received
   * @param remedy - how to fix it, for example `did you mean adam?`
   */
  constructor(
    readonly parameter: string,
    readonly rule: string,
    readonly value: unknown,
    readonly remedy?: string,
  ) {
    super(`${parameter} must be ${rule}, got ${show(value)}${remedy ? `; ${remedy}` : ''}`);
  }
}

/** A file cannot be used. The message names the file and the reason; a batch reports and counts the file, and continues. */
export class InvalidFileError extends WorkbenchError {
  override name = 'InvalidFileError';

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

/** The message of an error, or its name if it has none, or any other thrown value as text. */
export function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error);
    // JavaScript code may assign anything.
    const { message }: { message: unknown } = error;
    return String(message) || error.name;
  } catch {
    return 'a thrown value that cannot be converted to text';
  }
}

/** A value in a message, shortened. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value, 200));
  if (typeof value !== 'object' || value === null) return shorten(String(value), 80);
  try {
    return JSON.stringify(value).slice(0, 80);
  } catch {
    return 'an object that is not plain data'; // it contains itself, or a bigint
  }
}

/** The most similar name by edit distance, ignoring case; undefined if none is within two edits or a third of the length. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  if (text.length > 200) return undefined; // the edit distance takes quadratic time
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const edits = distance(text.toLowerCase(), name.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [name, edits];
  }
  return fewest <= Math.max(2, text.length / 3) ? nearest : undefined;
}
