import { join } from 'node:path';
import type ts from 'typescript';

interface System extends Timers {
  readFile(path: string, encoding?: string): string | undefined;
}
type CreateHost = (files: string[], options: object, system: System, ...rest: unknown[]) => unknown;

/**
 * The TypeScript module that tslab uses (5.0), made to check cells as this project does: strict, a current library, and
 * the project's own name leading to its compiled types; and to go on when packages are installed meanwhile. tslab reads no
 * tsconfig and knows no package `exports`.
 */
export function withProjectTypes<Compiler extends { createWatchCompilerHost: CreateHost }>(
  compiler: Compiler,
  root: string,
): Compiler {
  const create = compiler.createWatchCompilerHost;
  const createWatchCompilerHost: CreateHost = (files, options, system, ...rest) =>
    create(
      files,
      { ...options, ...projectOptions(root) },
      Object.assign(readingNewTypes(system, root), joinTimers(system)),
      ...rest,
    );
  return { ...compiler, createWatchCompilerHost };
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

/** Since TypeScript 5.7 `Float32Array` has a parameter, which 5.0 takes for an error and reads as `any`. */
const typedArrayParameter =
  /\b(\w+Array|Buffer)<(?:TArrayBuffer extends )?(?:TArrayBuffer|(?:Shared)?ArrayBuffer(?:Like)?)>/g;

/** Reads the library's types, and the newest array methods, which 5.0 lacks, from the project's own TypeScript. */
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

/** The timers of TypeScript's watching host; the time is left out, as tslab runs them itself. */
export interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
}

/**
 * Makes one timer of any number. TypeScript has one that builds the program anew, and another that looks for modules again when
 * folders change: packages that are installed while a notebook is open. tslab has room for one, which it runs at the next cell, and
 * fails for good with "Unexpected pending rebuildTimer" when there is a second.
 *
 * @param timers - with room for one
 */
export function joinTimers(timers: Timers): Timers {
  const pending = new Set<() => void>();
  let isSet = false;
  const runAll = (): void => {
    // Those that are set meanwhile run as well.
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
 * Writes `{ name }` as `{ name: name }`. tslab finds a variable of an earlier cell by the identifiers that name it, and
 * misses those in shorthand properties: `{ name }` alone fails with "name is not defined".
 *
 * @param compiler - the TypeScript that will read the result
 */
export function expandShorthand(compiler: typeof ts, source: string): string {
  const file = compiler.createSourceFile('cell.ts', source, compiler.ScriptTarget.Latest);
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (compiler.isShorthandPropertyAssignment(node)) names.push(node.name);
    compiler.forEachChild(node, visit);
  };
  visit(file);
  let expanded = source;
  for (const name of names.reverse()) {
    expanded = `${expanded.slice(0, name.end)}: ${name.text}${expanded.slice(name.end)}`;
  }
  return expanded;
}
