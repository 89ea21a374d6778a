import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf, WorkbenchError } from '../../core/base';
import { buildPlotly } from './plotly';
import { endWithProcess, openFolder, paths, projectRoot, waitForLock } from '../files';

/** Result of {@link buildLibrary}. */
export interface BuildResult {
  /** false if `dist/` was up to date */
  built: boolean;
  durationSec: number;
  /** errors of the compiler; JavaScript is written despite them */
  problems: string[];
}

const source = join(projectRoot, 'src');
const buildInfo = join(paths.dist, '.tsbuildinfo');
const lock = join(paths.dist, '.building');

/**
 * Compiles `src/` to `dist/`, which notebooks import, if `dist/` is missing or older than the sources. If several processes call it at the
 * same time, only one compiles.
 *
 * @throws {@link WorkbenchError} if the compiler cannot run
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
  openFolder(paths.dist);
  const held = await waitForLock(lock);
  try {
    if (!isLibraryStale()) return result(false, plotlyProblem);
    return result(true, [...plotlyProblem, ...(await compile())]);
  } finally {
    held.release();
  }
}

/** Whether the compiled library or its SIMD kernel is missing or older than a source file. */
export function isLibraryStale(): boolean {
  const outputs = [join(paths.dist, 'index.js'), buildInfo, join(paths.dist, 'kernel.wasm')];
  if (!outputs.every((path) => existsSync(path))) return true;
  const built = statSync(buildInfo).mtimeMs;
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).some(
    (name) => name.endsWith('.ts') && statSync(join(source, name)).mtimeMs > built,
  );
}

async function compile(): Promise<string[]> {
  // If the output was deleted, the compiler would not write it again because of the build info of an earlier build.
  if (!existsSync(join(paths.dist, 'index.js'))) rmSync(buildInfo, { force: true });
  const asOf = new Date();
  const compiler = createRequire(join(projectRoot, 'package.json')).resolve('typescript/bin/tsc');
  const args = [compiler, '-p', join(source, 'tsconfig.build.json'), '--pretty', 'false'];
  const output = await run(args);
  if (!existsSync(buildInfo)) throw new WorkbenchError(`src/: compilation failed: ${output}`);
  const problems = output.split('\n').filter((line) => line.includes('error TS'));
  // Prints a message if the SIMD kernel cannot be compiled; the plain functions are used instead.
  const kernelProblem = await run([join(paths.dist, 'node', 'build', 'kernel.js')]);
  if (kernelProblem) problems.push(kernelProblem.trim());
  // Files edited during compilation count as newer than its output; a build with errors counts as outdated.
  const builtAt = problems.length > 0 ? new Date(0) : asOf;
  utimesSync(buildInfo, builtAt, builtAt);
  return problems;
}

/** Runs a script and returns its output, including errors. */
function run(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: projectRoot, maxBuffer: 2 ** 26 };
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve(stdout || stderr || (error?.message ?? ''));
    });
    endWithProcess(child);
  });
}
