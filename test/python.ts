import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../src/node/files';

/**
 * Finds a Python with the given packages: `SER_PYTHON` if set, otherwise the project's `.venv` or the system's Python.
 *
 * @returns its path; undefined, with a message, if none is found, so that the test can skip
 */
export function pythonWith(...packages: string[]): string | undefined {
  const own = join(projectRoot, '.venv', 'bin', 'python');
  const candidates = process.env.SER_PYTHON ? [process.env.SER_PYTHON] : [own, 'python3'];
  const program = packages.map((name) => `import ${name}`).join('\n');
  for (const python of candidates) {
    if (python === own && !existsSync(own)) continue;
    if (spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0) return python;
  }
  console.log(`      skipped: no Python with ${packages.join(' and ')} (set SER_PYTHON)`);
  return undefined;
}
