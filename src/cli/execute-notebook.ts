import { messageOf, WorkbenchError } from '../core/base';
import { type NotebookRun, type RunFailure, runNotebook, type RunOptions } from '../notebook';
import { cellProgress } from './cell-progress';

/** Runs one notebook and says how it went; undefined when it could not even be started. */
export async function executeNotebook(
  path: string,
  { env, ...options }: Omit<RunOptions, 'onCell'> = {},
): Promise<NotebookRun | undefined> {
  const progress = cellProgress();
  try {
    const run = await runNotebook(path, {
      ...options,
      // The library was compiled once for all of them.
      env: { ...env, SER_SKIP_BUILD: '1' },
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
