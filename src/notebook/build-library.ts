import { execFile } from 'node:child_process';
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
import { setTimeout } from 'node:timers/promises';
import { messageOf, WorkbenchError } from '../core/base';
import { buildPlotly } from '../node/drawing';
import { paths, projectRoot } from '../node/files';

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
export async function buildLibrary(): Promise<BuildResult> {
  const started = Date.now();
  const result = (built: boolean, problems: string[]): BuildResult => ({
    built,
    durationSec: (Date.now() - started) / 1000,
    problems,
  });
  const plotlyProblem = await buildPlotly().then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
  if (!isLibraryStale()) return result(false, plotlyProblem);
  mkdirSync(paths.dist, { recursive: true });
  await takeLock();
  try {
    if (!isLibraryStale()) return result(false, plotlyProblem);
    return result(true, [...plotlyProblem, ...(await compile())]);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Is there no compiled library (with its SIMD kernel), or a source file newer than it? */
export function isLibraryStale(): boolean {
  const outputs = [join(paths.dist, 'index.js'), buildInfo, join(paths.dist, 'kernel.wasm')];
  if (!outputs.every((path) => existsSync(path))) return true;
  const built = statSync(buildInfo).mtimeMs;
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).some(
    (name) => name.endsWith('.ts') && statSync(join(source, name)).mtimeMs > built,
  );
}

async function compile(): Promise<string[]> {
  // Without its output the compiler's memory of an earlier build would make it write nothing.
  if (!existsSync(join(paths.dist, 'index.js'))) rmSync(buildInfo, { force: true });
  const asOf = new Date();
  const compiler = createRequire(join(projectRoot, 'package.json')).resolve('typescript/bin/tsc');
  const args = [compiler, '-p', join(source, 'tsconfig.build.json'), '--pretty', 'false'];
  const said = await run(args);
  if (!existsSync(buildInfo)) throw new WorkbenchError(`src/ could not be compiled: ${said}`);
  const problems = said.split('\n').filter((line) => line.includes('error TS'));
  // Without the SIMD kernel the plain functions do its work; it says so when it cannot be compiled.
  const unbuilt = await run([join(paths.dist, 'node', 'extraction', 'build-kernel.js')]);
  if (unbuilt) problems.push(unbuilt.trim());
  // Files edited while the compiler ran are newer than what it wrote; and what has problems is never up to date.
  const builtAt = problems.length > 0 ? new Date(0) : asOf;
  utimesSync(buildInfo, builtAt, builtAt);
  return problems;
}

/** What a script says; complaints make it fail, and are part of that. */
function run(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: projectRoot, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve(stdout || stderr || (error?.message ?? ''));
    });
  });
}

async function takeLock(): Promise<void> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAbandoned()) rmSync(lock, { force: true });
      else await setTimeout(100);
    }
  }
}

/** Its owner has ended without taking the lock away. */
function isAbandoned(): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
