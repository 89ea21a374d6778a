import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../errors';
import { paths, projectRoot } from '../paths';

/** Written after a successful build: its time tells whether the build is older than a source. */
const stamp = join(paths.dist, '.built');

/** Whether the compiled library that notebooks import is missing or older than a source file. */
export function isBuildStale(): boolean {
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const sources = join(projectRoot, 'src');
  return readdirSync(sources, { recursive: true, encoding: 'utf8' }).some(
    (name) => statSync(join(sources, name)).mtimeMs > built,
  );
}

/**
 * Compiles `src/` to `dist/`, only what changed.
 *
 * @throws {@link WorkbenchError} with the compiler's messages
 */
export function build(): void {
  rmSync(stamp, { force: true });
  const tsc = require.resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join('src', 'tsconfig.build.json')], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  if (status !== 0) throw new WorkbenchError(`the library does not compile:\n${stdout}`);
  writeFileSync(stamp, '');
}
