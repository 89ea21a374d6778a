import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, WorkbenchError } from '../errors';
import { type NotebookRun, type RunFailure, runNotebook } from '../notebook';
import { paths, projectRoot } from '../paths';
import { cellProgress } from './cell-progress';
import { clearExecuted, notebookFiles, writeExecuted, writeIndex } from './executed-notebooks';
import { ensureData } from './ensure-data';
import { ensureSetup } from './setup';

const help = `npm start [-- [--timeout SECONDS] NOTEBOOK…]
Runs the notebooks and writes executed copies and pages to runs/latest/. NOTEBOOK is the start or any part of a
name, 02 for example; without one all are run. --timeout limits each cell.`;

/** What a test replaces. */
export interface StartOptions {
  notebooks?: string;
  output?: string;
  /** makes engine, library and data ready */
  prepare?: () => Promise<void>;
}

/**
 * Runs the notebooks and writes their results; the others are run when one fails.
 *
 * @returns the exit status: 0, 1 when a notebook failed or could not run, 2 when the arguments are wrong
 */
export async function runStart(
  args: readonly string[],
  {
    notebooks = paths.notebooks,
    output = join(paths.runs, 'latest'),
    prepare = prepareAll,
  }: StartOptions = {},
): Promise<number> {
  const chosen = choose(args, notebooks);
  if (typeof chosen === 'string') {
    console.error(chosen);
    return 2;
  }
  try {
    await prepare();
    clearExecuted(chosen.files, { notebooks, output });
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
  const failed: string[] = [];
  for (const file of chosen.files) {
    console.log(file);
    const run = await runOne(join(notebooks, file), chosen.timeoutSec);
    if (run !== undefined) writeExecuted(run, { notebooks, output });
    if (run === undefined || run.failure !== undefined) failed.push(file);
    else console.log(`  done in ${run.durationSec.toFixed(1)} s`);
  }
  writeIndex({ notebooks, output });
  const done = chosen.files.length - failed.length;
  console.log(`\n${done} of ${chosen.files.length} notebooks ran to their end.`);
  if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
  console.log(`See ${relative(projectRoot, join(output, 'index.html'))}, or open them live: npm run lab`);
  return failed.length > 0 ? 1 : 0;
}

function choose(
  args: readonly string[],
  notebooks: string,
): { files: string[]; timeoutSec: number } | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: { timeout: { type: 'string' } } });
  } catch (error) {
    return `${messageOf(error)}\n\n${help}`;
  }
  const { positionals: names, values } = parsed;
  const timeoutSec = values.timeout === undefined ? Infinity : Number(values.timeout);
  if (!(timeoutSec > 0))
    return `--timeout must be a number of seconds, got ${values.timeout ?? ''}\n\n${help}`;
  const all = notebookFiles(notebooks);
  const matches = (name: string): string[] => {
    const starting = all.filter((file) => file.startsWith(name));
    return starting.length > 0
      ? starting
      : all.filter((file) => file.toLowerCase().includes(name.toLowerCase()));
  };
  const unknown = names.filter((name) => matches(name).length === 0);
  if (all.length === 0) return `there are no notebooks in ${notebooks}`;
  if (unknown.length > 0) {
    return `no notebook matches ${unknown.join(', ')}. There are:\n${all.map((file) => `  ${file}`).join('\n')}`;
  }
  const wanted = new Set(names.flatMap(matches));
  return { files: names.length === 0 ? all : all.filter((file) => wanted.has(file)), timeoutSec };
}

/** Runs one notebook and says how it went; undefined when it could not even be started. */
async function runOne(path: string, cellTimeoutSec: number): Promise<NotebookRun | undefined> {
  const progress = cellProgress();
  try {
    // The library was compiled once for all of them.
    const run = await runNotebook(path, {
      cellTimeoutSec,
      env: { SER_SKIP_BUILD: '1' },
      onCell: (event) => {
        progress.onCell(event);
      },
    });
    progress.stop();
    if (run.failure) console.error(describeFailure(run.file, run.failure));
    return run;
  } catch (error) {
    progress.stop();
    if (!(error instanceof WorkbenchError)) throw error;
    console.error(`  ${messageOf(error)}`);
    return undefined;
  }
}

function describeFailure(file: string, { cell, number, source, traceback }: RunFailure): string {
  const lines = source.split('\n');
  const excerpt = lines.slice(0, 8).map((line) => `    | ${line}`);
  if (lines.length > 8) excerpt.push(`    | … ${lines.length - 8} more lines`);
  return [
    `  ${file} failed at cell ${cell}, [${number}]:`,
    ...excerpt,
    ...traceback.map((line) => `    ${line}`),
  ].join('\n');
}

async function prepareAll(): Promise<void> {
  await ensureSetup();
  await ensureData();
}

if (require.main === module) {
  void runStart(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
