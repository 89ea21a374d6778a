import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import { paths, projectRoot } from '../files';

/** The kernel's sources, in AssemblyScript. */
const sources = join(projectRoot, 'src', 'core', 'dsp', 'kernel', 'assembly');

/** The compiled kernel, wherever the library runs from. */
export const kernelFile: string = join(paths.dist, 'kernel.wasm');

/** 64 MiB, all of it from the start: memory that grew would take every view of it away. Untouched pages cost nothing. */
const pages = '1024';

/** Is there no compiled kernel, or a source file newer than it? */
export function isKernelStale(): boolean {
  if (!existsSync(kernelFile)) return true;
  const built = statSync(kernelFile).mtimeMs;
  return readdirSync(sources).some((name) => statSync(join(sources, name)).mtimeMs > built);
}

/**
 * Compiles the kernel if it is missing or older than its sources.
 *
 * @returns false if it was up to date
 * @throws WorkbenchError with the compiler's words if it cannot be compiled
 */
export async function buildKernel(): Promise<boolean> {
  if (!isKernelStale()) return false;
  mkdirSync(paths.dist, { recursive: true });
  const compiler = join(projectRoot, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  // Written whole or not at all: another process may be loading it.
  const fresh = `${kernelFile}.${process.pid}`;
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd'];
  const memory = ['--initialMemory', pages, '--maximumMemory', pages];
  const args = [compiler, join(sources, 'index.ts'), '-o', fresh, ...options, ...memory];
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, args, { cwd: projectRoot }, (error, stdout, stderr) => {
      if (!error) resolve();
      else
        reject(
          new WorkbenchError(`the SIMD kernel could not be compiled: ${stderr || stdout || error.message}`),
        );
    });
  }).catch((error: unknown) => {
    rmSync(fresh, { force: true });
    throw error;
  });
  renameSync(fresh, kernelFile);
  return true;
}

if (require.main === module) {
  buildKernel().catch((error: unknown) => {
    console.error(error instanceof WorkbenchError ? error.message : error);
    process.exitCode = 1;
  });
}
