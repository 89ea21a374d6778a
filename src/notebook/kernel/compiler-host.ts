import { join } from 'node:path';

interface System {
  readFile(path: string, encoding?: string): string | undefined;
}
type CreateHost = (files: string[], options: object, system: System, ...rest: unknown[]) => unknown;

/**
 * The TypeScript module that tslab uses (5.0), made to check cells as this project does: strict, a current library, and
 * the project's own name leading to its compiled types. tslab reads no tsconfig and knows no package `exports`.
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
      readingOldTypes(system, join(root, 'dist')),
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

/** TypeScript 5.7 writes `Float32Array<ArrayBuffer>`, which 5.0 takes for an error and reads as `any`. */
function readingOldTypes(system: System, dist: string): System {
  const older = Object.create(system) as System;
  const prefix = dist.replaceAll('\\', '/');
  older.readFile = (path, encoding) => {
    const text = system.readFile(path, encoding);
    if (!path.endsWith('.d.ts') || !path.startsWith(prefix)) return text;
    return text?.replace(
      /\b((?:Float|Int|Uint|BigInt|BigUint)\w*Array|Buffer)<(?:Shared)?ArrayBuffer(?:Like)?>/g,
      '$1',
    );
  };
  return older;
}
