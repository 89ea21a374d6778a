import { join } from 'node:path';
import type ts from 'typescript';

interface System extends Timers {
  readFile(path: string, encoding?: string): string | undefined;
}
type CreateHost = (files: string[], options: object, system: System, ...rest: unknown[]) => unknown;
type CreateWatch = (host: never) => Watch;

/** The compiler's watch mode, which tslab uses. Its program is the one compiled for the last cell. */
export interface Watch {
  getProgram(): { getProgram(): ts.Program };
}

/**
 * Configures tslab's TypeScript 5.0 to check cells like this project: strict, with a current library, and with the project's name resolved
 * to its compiled types; and to keep working when packages are installed while the kernel runs. tslab reads no tsconfig and ignores package `exports`.
 *
 * @param onWatch - called when tslab starts to compile
 */
export function withProjectTypes<
  Compiler extends { createWatchCompilerHost: CreateHost; createWatchProgram: CreateWatch },
>(compiler: Compiler, root: string, onWatch: (watch: Watch) => void): Compiler {
  const createWatchProgram: CreateWatch = (host) => {
    const watch = compiler.createWatchProgram(host);
    onWatch(watch);
    return watch;
  };
  const create = compiler.createWatchCompilerHost;
  const createWatchCompilerHost: CreateHost = (files, options, system, ...rest) =>
    create(
      files,
      { ...options, ...projectOptions(root) },
      Object.assign(readingNewTypes(system, root), joinTimers(system)),
      ...rest,
    );
  return { ...compiler, createWatchCompilerHost, createWatchProgram };
}

function projectOptions(root: string): object {
  return {
    strict: true,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    baseUrl: root,
    paths: { 'speech-emotion-workbench': ['dist/index.d.ts'] },
  };
}

/** Since TypeScript 5.7 typed arrays have a type parameter, which 5.0 rejects and treats as `any`. */
const typedArrayParameter =
  /\b(\w+Array|Buffer)<(?:TArrayBuffer extends )?(?:TArrayBuffer|(?:Shared)?ArrayBuffer(?:Like)?)>/g;

/** Adapts the compiled types of the project to 5.0, and takes array methods that 5.0 lacks from the project's TypeScript. */
function readingNewTypes(system: System, root: string): System {
  const newer = Object.create(system) as System;
  const arrays = 'lib.es2023.array.d.ts';
  const dist = `${root.replaceAll('\\', '/')}/dist/`;
  newer.readFile = (path, encoding) => {
    const isArrays = path.endsWith(`/${arrays}`);
    const from = isArrays ? join(root, 'node_modules', 'typescript', 'lib', arrays) : path;
    const text = system.readFile(from, encoding) ?? system.readFile(path, encoding);
    const isNew = isArrays || (path.startsWith(dist) && path.endsWith('.d.ts'));
    return isNew ? text?.replace(typedArrayParameter, '$1') : text;
  };
  return newer;
}

/** The timers of TypeScript's watch host, without a delay: tslab runs them itself. */
export interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
}

/**
 * Combines all timers into one. TypeScript uses two: one rebuilds the program, another resolves modules again when folders change (when
 * packages are installed while a notebook is open). tslab supports only one, which it runs at the next cell, and fails permanently with
 * "Unexpected pending rebuildTimer" at a second one.
 *
 * @param timers - support one timer at a time
 */
export function joinTimers(timers: Timers): Timers {
  const pending = new Set<() => void>();
  let isSet = false;
  const runAll = (): void => {
    // Callbacks added meanwhile run as well.
    for (const callback of pending) {
      pending.delete(callback);
      callback();
    }
    isSet = false;
  };
  return {
    setTimeout: (callback) => {
      pending.add(callback);
      if (!isSet) timers.setTimeout(runAll);
      isSet = true;
      return callback;
    },
    clearTimeout: (timer) => {
      pending.delete(timer as () => void);
    },
  };
}

/**
 * Rewrites `{ name }` as `{ name: name }`. tslab finds variables of earlier cells by their identifiers but misses shorthand properties:
 * `{ name }` alone would fail with "name is not defined".
 *
 * @param compiler - the TypeScript that compiles the result
 * @returns the new source, and a function that maps its offsets to offsets in the cell
 */
export function expandShorthand(
  compiler: typeof ts,
  source: string,
): { source: string; offsetInCell: (offset: number) => number } {
  const file = compiler.createSourceFile('cell.ts', source, compiler.ScriptTarget.Latest);
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (compiler.isShorthandPropertyAssignment(node)) names.push(node.name);
    compiler.forEachChild(node, visit);
  };
  visit(file);
  let expanded = '';
  let end = 0;
  for (const name of names) {
    expanded += `${source.slice(end, name.end)}: ${name.text}`;
    end = name.end;
  }
  const offsetInCell = (offset: number): number => {
    let added = 0;
    for (const { text, end: nameEnd } of names) {
      const start = nameEnd + added;
      if (offset < start) break;
      const length = `: ${text}`.length;
      // Offsets in the added name map to the name itself.
      if (offset < start + length) return nameEnd - text.length + Math.max(0, offset - start - 2);
      added += length;
    }
    return offset - added;
  };
  return { source: expanded + source.slice(end), offsetInCell };
}

/** Line and column of an offset, from 0. TypeScript recognises more line terminators, but a notebook counts only `\n`. */
export function placeOf(source: string, offset: number): { line: number; character: number } {
  const before = source.slice(0, offset);
  return {
    line: before.split('\n').length - 1,
    character: before.length - (before.lastIndexOf('\n') + 1),
  };
}
