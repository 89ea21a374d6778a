import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WorkbenchError } from '../errors';
import { paths, projectRoot } from '../paths';

/** What {@link buildLibrary} found and did. */
export interface BuildResult {
  /** false when `dist/` was up to date */
  built: boolean;
  durationSec: number;
  /** the compiler's complaints; JavaScript is written all the same */
  problems: string[];
}

const source = join(projectRoot, 'src');
const buildInfo = join(paths.dist, '.tsbuildinfo');
const lock = join(paths.dist, '.building');

/**
 * Compiles `src/` to `dist/`, which notebooks import, if it is missing or older than the sources. Two processes that
 * ask at the same time build once.
 *
 * @throws {@link WorkbenchError} if the compiler cannot run at all
 */
export function buildLibrary(): BuildResult {
  const started = Date.now();
  if (!isLibraryStale()) return { built: false, durationSec: 0, problems: [] };
  mkdirSync(paths.dist, { recursive: true });
  takeLock();
  try {
    if (!isLibraryStale()) return { built: false, durationSec: secondsSince(started), problems: [] };
    const problems = compile();
    return { built: true, durationSec: secondsSince(started), problems };
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Is there no compiled library, or a source file newer than it? */
export function isLibraryStale(): boolean {
  if (!existsSync(join(paths.dist, 'index.js')) || !existsSync(buildInfo)) return true;
  const built = statSync(buildInfo).mtimeMs;
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).some(
    (name) => name.endsWith('.ts') && statSync(join(source, name)).mtimeMs > built,
  );
}

function compile(): string[] {
  // Without its output the compiler's memory of an earlier build would make it write nothing.
  if (!existsSync(join(paths.dist, 'index.js'))) rmSync(buildInfo, { force: true });
  const asOf = new Date();
  const compiler = createRequire(join(projectRoot, 'package.json')).resolve('typescript/bin/tsc');
  const project = join(source, 'tsconfig.build.json');
  const run = spawnSync(process.execPath, [compiler, '-p', project, '--pretty', 'false'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  if (!existsSync(buildInfo)) {
    throw new WorkbenchError(
      `src/ could not be compiled: ${run.error?.message ?? (run.stderr || run.stdout)}`,
    );
  }
  // Files edited while the compiler ran are newer than what it wrote.
  utimesSync(buildInfo, asOf, asOf);
  return run.stdout.split('\n').filter((line) => line.includes('error TS'));
}

function takeLock(): void {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch {
      if (isAbandoned()) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

function isAbandoned(): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch {
    return true;
  }
}

function secondsSince(started: number): number {
  return (Date.now() - started) / 1000;
}
