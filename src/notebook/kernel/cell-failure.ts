import { sep } from 'node:path';
import { inspected } from '../inspected';

/** Failure of a cell, with the field names of the Jupyter protocol. */
export interface CellFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A type error in a cell; lines and columns count from 1. */
export interface Diagnostic {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** Failure of a cell that does not compile: each error with its source line. */
export function compileFailure(diagnostics: readonly Diagnostic[], code: string, root: string): CellFailure {
  const lines = code.split('\n');
  const traceback: string[] = [];
  let last = '';
  for (const { file, line, column, message: text } of diagnostics) {
    const message = withoutRoot(text, root);
    const place = `${file || 'cell'}:${line}:${column}`;
    // Further explanations of the same error have the same place and are indented.
    if (place === last) {
      traceback.push(`    ${message}`);
      continue;
    }
    last = place;
    traceback.push(`${place} - ${message}`);
    const source = file ? undefined : lines.at(line - 1);
    if (source !== undefined) traceback.push(...excerpt(source.replace(/\r$/, ''), column - 1));
  }
  const first = diagnostics.at(0);
  const evalue = first
    ? `line ${first.line}: ${withoutRoot(first.message, root)}`
    : 'the cell does not compile';
  return { ename: 'TypeScriptError', evalue, traceback: [`TypeScriptError: ${evalue}`, '', ...traceback] };
}

const interrupted = 'the cell was interrupted; work that it started in the background may continue';

/** Characters of a long line that are shown on each side of an error. */
const excerptLength = 60;

/**
 * A source line and, below it, a caret at a position. Long lines are cut, because they would be wrapped. The line of the caret is
 * padded with tabs below tabs and with wide spaces below wide characters, so that the caret is in the right place.
 */
function excerpt(line: string, position: number): [string, string] {
  const characters = Array.from(line);
  const at = Array.from(line.slice(0, position)).length;
  const start = at > 2 * excerptLength ? at - excerptLength : 0;
  const end = Math.max(at, start) + 2 * excerptLength;
  const before = `${start > 0 ? '…' : ''}${characters.slice(start, at).join('')}`;
  const after = `${characters.slice(at, end).join('')}${end < characters.length ? '…' : ''}`;
  const padding = before
    .replace(/\p{M}/gu, '')
    .replace(/[^\t]/gu, (character) => (wide.test(character) ? '\u3000' : ' '));
  return [`  ${before}${after}`, `  ${padding}^`];
}

/** Characters that take the width of two letters in most fonts. */
const wide =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]$/u;

/** Failure of a cell that the user interrupted. */
export const interruptFailure: CellFailure = {
  ename: 'Interrupted',
  evalue: interrupted,
  traceback: [`Interrupted: ${interrupted}`],
};

/** The output of an interrupted cell. It is not an error, because the user ended the cell. */
export const interruptBundle = {
  'text/markdown': '*Interrupted. Work that the cell started in the background may continue.*',
  'text/plain': 'Interrupted. Work that the cell started in the background may continue.',
};

/** The message of the error that tslab throws in an interrupted cell. */
export const interruptMessage = 'Interrupted asynchronously';

/** Failure of a cell that threw or left a rejected promise; the stack trace ends at the cell. */
export function thrownFailure(thrown: unknown, root: string): CellFailure {
  try {
    if (thrown instanceof Error) {
      const { name, message }: Record<'name' | 'message', unknown> = thrown;
      return {
        ename: String(name),
        evalue: withoutRoot(String(message), root),
        traceback: trace(thrown, root),
      };
    }
  } catch {
    // A property of the error cannot be read; without a failure, the cell would never end.
  }
  const evalue = inspected(thrown);
  return { ename: 'Thrown', evalue, traceback: [`Thrown: ${evalue}`] };
}

/** @param shown - errors above this one: an error may be its own cause */
function trace(error: Error, root: string, shown: readonly Error[] = []): string[] {
  const { cause: below, stack = '' }: { cause?: unknown; stack?: unknown } = error;
  const frames = String(stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !isInternal(line));
  const above = [...shown, error];
  const cause = below instanceof Error && !above.includes(below) ? trace(below, root, above) : [];
  return [
    ...withoutRoot(`${error.name}: ${error.message}`, root).split('\n'),
    ...frames.map((frame) => readableFrame(frame, root)),
    ...cause.map((line, i) => (i === 0 ? `Caused by ${line}` : line)),
  ];
}

/** Frames of Node, tslab and this kernel are irrelevant for the cell. */
function isInternal(frame: string): boolean {
  return /node:|[\\/]tslab[\\/]dist[\\/]|src[\\/]notebook[\\/]kernel[\\/]|evalmachine\.<anonymous>:\d+:\d+$/.test(
    frame,
  );
}

/** Omits line numbers within a cell, because they refer to the compiled JavaScript. */
function readableFrame(line: string, root: string): string {
  return withoutRoot(line, root).replace(/evalmachine\.<anonymous>:\d+:\d+/, 'this cell');
}

/** Makes paths relative to the project, so that a notebook does not reveal local folders. */
function withoutRoot(text: string, root: string): string {
  return text.replaceAll(`file://${root}${sep}`, '').replaceAll(root + sep, '');
}

/** Whether an error is due to an interrupt. Work that received the signal of the cell ends with an `AbortError`. */
export function isInterrupt(thrown: unknown, signal: AbortSignal): boolean {
  try {
    if (!(thrown instanceof Error)) return false;
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || thrown.message === interruptMessage) return true;
    return signal.aborted && thrown.name === 'AbortError';
  } catch {
    return false; // a getter or proxy threw
  }
}
