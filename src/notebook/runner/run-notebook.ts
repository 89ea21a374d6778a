import { basename } from 'node:path';
import { messageOf } from '../../core/base';
import {
  type Cell,
  clearNotebook,
  joinLines,
  type Notebook,
  type Output,
  readNotebook,
  splitLines,
} from '../notebook-file';
import { KernelClient, KernelDiedError, type KernelMessage, KernelTimeoutError } from './kernel-client';

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
function isExpected({ ename }: CellError, { metadata }: Cell): boolean {
  return (metadata.tags ?? []).includes('raises-exception') && ename !== kernelDied && ename !== timedOut;
}

type CellError = Pick<RunFailure, 'ename' | 'evalue' | 'traceback'>;

async function runCell(
  kernel: KernelClient,
  cell: Cell,
  collector: OutputCollector,
  timeoutSec: number,
): Promise<CellError | undefined> {
  try {
    const reply = await kernel.execute(joinLines(cell.source), timeoutSec, (id) => {
      cell.outputs = collector.outputs(id);
    });
    cell.execution_count = reply.execution_count as number;
    // An interrupted cell fails without an output of type error.
    return reply.status === 'error' ? (reply as unknown as CellError) : undefined;
  } catch (error) {
    if (!(error instanceof KernelTimeoutError || error instanceof KernelDiedError)) throw error;
    // A kernel that does not respond is of no further use.
    kernel.kill();
    const message = messageOf(error);
    const ename = error instanceof KernelDiedError ? kernelDied : timedOut;
    const failure = { ename, evalue: message, traceback: [`${ename}: ${message}`] };
    cell.outputs!.push({ output_type: 'error', ...failure });
    return failure;
  }
}

function isExecuted(cell: Cell): boolean {
  return (
    cell.cell_type === 'code' &&
    joinLines(cell.source).trim() !== '' &&
    !(cell.metadata.tags ?? []).includes('skip-execution')
  );
}

type Displayed = Extract<Output, { output_type: 'display_data' | 'execute_result' }>;

/** Collects the messages of a kernel as outputs of notebook cells, like Jupyter. */
export class OutputCollector {
  readonly #outputs = new Map<string, Output[]>();
  /** replaceable outputs by name; one may occur in several cells */
  readonly #displayed = new Map<string, Displayed[]>();

  /** text written to a stream, before carriage returns are applied */
  readonly #written = new WeakMap<Output, string>();

  /** The current outputs of a request. */
  outputs(requestId: string): Output[] {
    let outputs = this.#outputs.get(requestId);
    if (outputs === undefined) this.#outputs.set(requestId, (outputs = []));
    return outputs;
  }

  /** Adds one message of the output channel; ignores messages that are not output. */
  add({ type, parentId, content }: Omit<KernelMessage, 'buffers'>): void {
    const outputs = this.outputs(parentId);
    if (type === 'stream') this.#write(outputs, content.name as 'stdout' | 'stderr', content.text as string);
    else if (type === 'error') {
      const { ename, evalue, traceback } = content as { ename: string; evalue: string; traceback: string[] };
      outputs.push({ output_type: 'error', ename, evalue, traceback });
    } else if (type === 'clear_output') outputs.length = 0;
    else if (type === 'update_display_data') this.#update(content);
    else if (type === 'display_data') {
      this.#show(outputs, { output_type: type, ...shownIn(content) }, content);
    } else if (type === 'execute_result') {
      const count = content.execution_count as number;
      this.#show(outputs, { output_type: type, ...shownIn(content), execution_count: count }, content);
    }
  }

  #write(outputs: Output[], name: 'stdout' | 'stderr', text: string): void {
    let stream = outputs.at(-1);
    if (stream?.output_type !== 'stream' || stream.name !== name) {
      stream = { output_type: 'stream', name, text: [] };
      outputs.push(stream);
    }
    const written = compactText((this.#written.get(stream) ?? '') + text);
    this.#written.set(stream, written);
    stream.text = splitLines(terminalText(written));
  }

  #show(outputs: Output[], output: Displayed, content: KernelMessage['content']): void {
    outputs.push(output);
    const name = displayName(content);
    if (name !== undefined) this.#displayed.set(name, [...(this.#displayed.get(name) ?? []), output]);
  }

  #update(content: KernelMessage['content']): void {
    for (const output of this.#displayed.get(displayName(content) ?? '') ?? []) {
      Object.assign(output, shownIn(content));
    }
  }
}

function shownIn(content: KernelMessage['content']): Pick<Displayed, 'data' | 'metadata'> {
  const data = Object.entries(content.data as Record<string, unknown>).map(([type, value]) => [
    type,
    isText(type) && typeof value === 'string' ? splitLines(value) : value,
  ]);
  return {
    data: Object.fromEntries(data) as Record<string, unknown>,
    metadata: (content.metadata ?? {}) as Record<string, unknown>,
  };
}

function isText(type: string): boolean {
  return type.startsWith('text/') || type === 'image/svg+xml';
}

function displayName(content: KernelMessage['content']): string | undefined {
  return (content.transient as { display_id?: string } | undefined)?.display_id;
}

/** Applies carriage returns like a terminal: text after one overwrites the line from its start. */
export function terminalText(written: string): string {
  if (!written.includes('\r')) return written;
  return written.split('\n').map(overwrite).join('\n');
}

/**
 * Shortens text with carriage returns without changing how a terminal shows it, also with text appended later. A progress bar then takes
 * one line instead of a thousand.
 */
export function compactText(written: string): string {
  if (!written.includes('\r')) return written;
  const start = written.lastIndexOf('\n') + 1;
  const parts = written.slice(start).split('\r');
  const current = parts.pop() ?? '';
  const shown = parts.length > 0 ? `${parts.reduce(overwriteBy, '')}\r` : '';
  return terminalText(written.slice(0, start)) + shown + current;
}

function overwrite(line: string): string {
  // Carriage returns at the end of a line overwrite nothing.
  return line
    .split('\r')
    .filter((part) => part !== '')
    .reduce(overwriteBy, '');
}

function overwriteBy(shown: string, part: string): string {
  return part + shown.slice(part.length);
}
