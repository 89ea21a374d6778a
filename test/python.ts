import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../src/node/files';

/**
 * A Python that has these packages: the environment's `SER_PYTHON`, else the project's `.venv`, else the system's.
 *
 * @returns undefined, and says so, where there is none: the test then skips
 */
export function pythonWith(...packages: string[]): string | undefined {
  const own = join(projectRoot, '.venv', 'bin', 'python');
  const candidates = process.env.SER_PYTHON ? [process.env.SER_PYTHON] : [own, 'python3'];
  const program = packages.map((name) => `import ${name}`).join('\n');
  for (const python of candidates) {
    if (python === own && !existsSync(own)) continue;
    if (spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0) return python;
  }
  console.log(`      skipped: no Python with ${packages.join(' and ')} (set SER_PYTHON to one)`);
  return undefined;
}
