import { join, relative } from 'node:path';
import { paths, projectRoot } from '../node/files';
import { chooseNotebooks } from './choose-notebooks';
import { ensureData } from './ensure-data';
import { executeNotebook } from './execute-notebook';
import { clearExecuted, writeExecuted, writeIndex } from './executed-notebooks';
import { runAsProgram } from './run-as-program';
import { ensureSetup } from './setup';
import { parseOptions, sayFailure, UsageError } from './usage-error';

const help = `npm start [-- [--timeout SECONDS] NOTEBOOK…]
Runs the notebooks and writes executed copies and pages to runs/latest/. NOTEBOOK is the start or any part of a
name, 02 for example; without one all are run. --timeout limits each cell.`;

/** What a test replaces. */
export interface StartOptions {
  notebooks?: string;
  output?: string;
  /** makes engine, library and data ready, and says which they are */
  prepare?: () => Promise<string>;
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
  let chosen, runsOn;
  try {
    chosen = choose(args, notebooks);
    runsOn = await prepare();
    clearExecuted(chosen.files, { notebooks, output });
  } catch (error) {
    return sayFailure(error, help);
  }
  const failed: string[] = [];
  for (const file of chosen.files) {
    console.log(file);
    const run = await executeNotebook(join(notebooks, file), { cellTimeoutSec: chosen.timeoutSec });
    if (run !== undefined) writeExecuted(run, { notebooks, output, runsOn });
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

function choose(args: readonly string[], notebooks: string): { files: string[]; timeoutSec: number } {
  const options = { timeout: { type: 'string' } } as const;
  const { positionals: names, values } = parseOptions(args, { allowPositionals: true, options });
  const timeoutSec = values.timeout === undefined ? Infinity : Number(values.timeout);
  if (!(timeoutSec > 0))
    throw new UsageError(`--timeout must be a number of seconds, got ${values.timeout ?? ''}`);
  return { files: chooseNotebooks(names, notebooks), timeoutSec };
}

async function prepareAll(): Promise<string> {
  const engine = await ensureSetup();
  return `${await ensureData()}, engine ${engine}`;
}

if (require.main === module) {
  runAsProgram(help, runStart);
}
