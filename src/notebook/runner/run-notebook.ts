import { basename } from 'node:path';
import { messageOf } from '../../core/base';
import {
  type Cell,
  clearNotebook,
  joinLines,
  type Notebook,
  type Output,
  readNotebook,
} from '../notebook-file';
import { KernelClient, KernelDiedError, KernelTimeoutError } from './kernel-client';
import { OutputCollector } from './output-collector';

/** Options of {@link runNotebook}. */
export interface RunOptions {
  /** time limit per cell; default none */
  cellTimeoutSec?: number;
  /** added to the environment of the kernel */
  env?: Readonly<Record<string, string>>;
  /** called when a cell starts and when it ends */
  onCell?: (event: CellEvent) => void;
}

/** Progress of a run. */
export interface CellEvent {
  state: 'started' | 'done' | 'failed';
  /** number of the code cell, from 1 */
  number: number;
  /** number of code cells */
  total: number;
  source: string;
  /** since the cell started */
  durationSec: number;
}

/** The cell that stopped a run, and its error. */
export interface RunFailure {
  /** number among all cells, from 1 */
  cell: number;
  /** number among the code cells, from 1: the one that Jupyter shows in brackets */
  number: number;
  source: string;
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An executed notebook. */
export interface NotebookRun {
  file: string;
  /** a copy with outputs, up to a failed cell */
  notebook: Notebook;
  durationSec: number;
  failure: RunFailure | undefined;
}

const kernelDied = 'KernelDied';
const timedOut = 'Timeout';

/**
 * Executes all code cells of a notebook in a new kernel, without Jupyter. Stops at the first cell that fails, unless it has the tag
 * `raises-exception`; skips cells with the tag `skip-execution`. Always stops the kernel.
 *
 * @throws {@link InvalidFileError} if `file` is not a notebook
 * @throws {@link KernelDiedError} or {@link KernelTimeoutError} if the kernel does not start
 */
export async function runNotebook(
  file: string,
  { cellTimeoutSec = Infinity, env, onCell = () => undefined }: RunOptions = {},
): Promise<NotebookRun> {
  const notebook = clearNotebook(readNotebook(file));
  const cells = notebook.cells.filter(isExecuted);
  const started = performance.now();
  const collector = new OutputCollector();
  const kernel = await KernelClient.start({
    ...(env && { env }),
    onOutput: (message) => {
      collector.add(message);
    },
  });
  let failure: RunFailure | undefined;
  try {
    notebook.metadata.language_info = (await kernel.request('kernel_info_request', {})).content.language_info;
    for (const [i, cell] of cells.entries()) {
      const cellStarted = performance.now();
      const report = (state: CellEvent['state']): void => {
        const durationSec = (performance.now() - cellStarted) / 1000;
        onCell({ state, number: i + 1, total: cells.length, source: joinLines(cell.source), durationSec });
      };
      report('started');
      const error = await runCell(kernel, cell, collector, cellTimeoutSec);
      if (error !== undefined && !isExpected(error, cell)) {
        const { ename, evalue, traceback } = error;
        const source = joinLines(cell.source);
        failure = { cell: notebook.cells.indexOf(cell) + 1, number: i + 1, source, ename, evalue, traceback };
      }
      report(failure ? 'failed' : 'done');
      if (failure) break;
    }
  } finally {
    await kernel.stop();
  }
  const durationSec = (performance.now() - started) / 1000;
  return { file: basename(file), notebook, durationSec, failure };
}

/** A tagged cell may fail, but must not end the kernel. */
function isExpected({ ename }: ErrorOutput, { metadata }: Cell): boolean {
  return (metadata.tags ?? []).includes('raises-exception') && ename !== kernelDied && ename !== timedOut;
}

type ErrorOutput = Extract<Output, { output_type: 'error' }>;

async function runCell(
  kernel: KernelClient,
  cell: Cell,
  collector: OutputCollector,
  timeoutSec: number,
): Promise<ErrorOutput | undefined> {
  try {
    const reply = await kernel.execute(joinLines(cell.source), timeoutSec, (id) => {
      cell.outputs = collector.outputs(id);
    });
    cell.execution_count = reply.execution_count as number;
  } catch (error) {
    if (!(error instanceof KernelTimeoutError || error instanceof KernelDiedError)) throw error;
    // A kernel that does not respond is of no further use.
    kernel.kill();
    const message = messageOf(error);
    const ename = error instanceof KernelDiedError ? kernelDied : timedOut;
    cell.outputs!.push({ output_type: 'error', ename, evalue: message, traceback: [`${ename}: ${message}`] });
  }
  return cell.outputs!.find((output): output is ErrorOutput => output.output_type === 'error');
}

function isExecuted(cell: Cell): boolean {
  return (
    cell.cell_type === 'code' &&
    joinLines(cell.source).trim() !== '' &&
    !(cell.metadata.tags ?? []).includes('skip-execution')
  );
}
