import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** This code runs as TypeScript through tsx, not compiled. */
const isSource = __filename.endsWith('.ts');

/** Node options with which a thread or process can load a module of this library as it is here. */
export const moduleOptions: readonly string[] = isSource ? ['--require', require.resolve('tsx/cjs')] : [];

/** A module's file in a folder of this library: compiled JavaScript or TypeScript. */
export function moduleFile(folder: string, name: string): string {
  return join(folder, `${name}.${isSource ? 'ts' : 'js'}`);
}

/** Starts a module of this library as a thread. */
export function startWorker(folder: string, name: string, workerData: unknown): Worker {
  return new Worker(moduleFile(folder, name), { workerData, execArgv: [...moduleOptions] });
}
