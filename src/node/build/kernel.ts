import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import { createFileAtomic, endWithProcess, paths, projectRoot } from '../files';

/** The kernel's AssemblyScript sources. */
const sources = join(projectRoot, 'src', 'core', 'dsp', 'kernel', 'assembly');

/** 64 MiB, all at the start: growing the memory would detach every view of it. Untouched pages cost nothing. */
const pages = '1024';

/** Whether the compiled kernel is missing or older than one of its sources. */
export function isKernelStale(): boolean {
  if (!existsSync(paths.kernel)) return true;
  const built = statSync(paths.kernel).mtimeMs;
  return readdirSync(sources).some((name) => statSync(join(sources, name)).mtimeMs > built);
}

/**
 * Compiles the kernel if it is missing or older than its sources.
 *
 * @returns false if it was up to date
 * @throws {@link WorkbenchError} with the compiler's output if the compilation fails
 */
export async function buildKernel(): Promise<boolean> {
  if (!isKernelStale()) return false;
  const compiler = join(projectRoot, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd'];
  const memory = ['--initialMemory', pages, '--maximumMemory', pages];
  const compile = (output: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const args = [compiler, join(sources, 'index.ts'), '-o', output, ...options, ...memory];
      const child = execFile(process.execPath, args, { cwd: projectRoot }, (error, stdout, stderr) => {
        if (!error) resolve();
        else
          reject(
            new WorkbenchError(`the SIMD kernel could not be compiled: ${stderr || stdout || error.message}`),
          );
      });
      endWithProcess(child);
    });
  // Renamed when complete: another process may be loading the kernel.
  await createFileAtomic(paths.kernel, compile);
  return true;
}

if (require.main === module) {
  buildKernel().catch((error: unknown) => {
    console.error(error instanceof WorkbenchError ? error.message : error);
    process.exitCode = 1;
  });
}
