import { join } from 'node:path';
import { joinTimers, type Timers } from './join-timers';

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
