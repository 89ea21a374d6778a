import { sep } from 'node:path';
import { inspect } from 'node:util';

/** Why a cell failed, in the words of the Jupyter protocol. */
export interface CellFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A complaint of the type checker about a cell, lines and columns from 1. */
export interface Diagnostic {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** A cell that does not compile: each complaint with the line it is about. */
export function compileFailure(diagnostics: readonly Diagnostic[], code: string, root: string): CellFailure {
  const lines = code.split('\n');
  const traceback: string[] = [];
  let last = '';
  for (const { file, line, column, message: text } of diagnostics) {
    const message = withoutRoot(text, root);
    const place = `${file || 'cell'}:${line}:${column}`;
    // A chain of explanations has one place: the further ones are indented under the first.
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

/** Something thrown, or a promise rejected, while a cell ran. The trace ends where the cell does. */
export function thrownFailure(thrown: unknown, root: string): CellFailure {
  if (isInterrupt(thrown)) {
    const evalue = 'the cell was interrupted (work it had started in the background may go on)';
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

/** Frames of Node, of tslab and of this kernel say nothing about the cell. */
function isInternal(frame: string): boolean {
  return /node:|[\\/]tslab[\\/]dist[\\/]|src[\\/]notebook[\\/]kernel[\\/]|evalmachine\.<anonymous>:\d+:\d+$/.test(
    frame,
  );
}

/** Line numbers inside a cell are those of the compiled JavaScript, so they are left out. */
function readableFrame(line: string, root: string): string {
  return withoutRoot(line, root).replace(/evalmachine\.<anonymous>:\d+:\d+/, 'this cell');
}

/** An executed notebook must not show where on somebody's disk it ran. */
function withoutRoot(text: string, root: string): string {
  return text.replaceAll(`file://${root}${sep}`, '').replaceAll(root + sep, '');
}

function isInterrupt(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || thrown.message === 'Interrupted asynchronously';
}
