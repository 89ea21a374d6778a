import { sep } from 'node:path';
import { inspect } from 'node:util';

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
    const excerpt = file ? undefined : lines.at(line - 1);
    if (excerpt !== undefined) traceback.push(`  ${excerpt}`, `  ${' '.repeat(Math.max(0, column - 1))}^`);
  }
  const first = diagnostics.at(0);
  const evalue = first
    ? `line ${first.line}: ${withoutRoot(first.message, root)}`
    : 'the cell does not compile';
  return { ename: 'TypeScriptError', evalue, traceback: [`TypeScriptError: ${evalue}`, '', ...traceback] };
}

/** Failure of a cell that threw or left a rejected promise; the stack trace ends at the cell. */
export function thrownFailure(thrown: unknown, root: string): CellFailure {
  if (isInterrupt(thrown)) {
    const evalue = 'the cell was interrupted (its background work may continue)';
    return { ename: 'Interrupted', evalue, traceback: [`Interrupted: ${evalue}`] };
  }
  if (!(thrown instanceof Error)) {
    const evalue = inspect(thrown);
    return { ename: 'Thrown', evalue, traceback: [`Thrown: ${evalue}`] };
  }
  return { ename: thrown.name, evalue: withoutRoot(thrown.message, root), traceback: trace(thrown, root) };
}

function trace(error: Error, root: string): string[] {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !isInternal(line));
  const cause = error.cause instanceof Error ? trace(error.cause, root) : [];
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

function isInterrupt(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || thrown.message === 'Interrupted asynchronously';
}
