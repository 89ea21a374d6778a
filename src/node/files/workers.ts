import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../core/base';

/** The library runs as TypeScript through tsx, not compiled. */
const isSource = __filename.endsWith('.ts');

/** Node options that a thread or process needs to load modules of this library. */
export const moduleOptions: readonly string[] = isSource ? ['--require', require.resolve('tsx/cjs')] : [];

/** The file of a module in a folder of this library: TypeScript in `src`, JavaScript in `dist`. */
export function moduleFile(folder: string, name: string): string {
  return join(folder, `${name}.${isSource ? 'ts' : 'js'}`);
}

/** Maximum number of processes that work at the same time. */
export const maxWorkers = 256;

/** Starts a module of this library as a thread. */
export function startWorker(folder: string, name: string, workerData: unknown): Worker {
  return new Worker(moduleFile(folder, name), { workerData, execArgv: [...moduleOptions] });
}

/**
 * Processes items on several workers: each worker takes the next item, in order, as soon as it is free.
 *
 * @param work - processes one item; its signal is aborted with the caller's signal, or when another item fails
 * @throws the first failure, after the other workers have stopped
 */
export async function runOnWorkers<Process, Item>(
  items: readonly Item[],
  processes: readonly Process[],
  { signal }: { signal?: AbortSignal },
  work: (process: Process, item: Item, index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])]);
  const queue = [...items.entries()];
  const processQueue = async (process: Process): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(process, next[1], next[0], stop);
  };
  await Promise.allSettled(
    processes.map((process) =>
      processQueue(process).catch((error: unknown) => {
        failure.abort(error);
      }),
    ),
  );
  failure.signal.throwIfAborted();
}

/** Child processes that end with this process. */
const children = new Set<ChildProcess>();

/** Kills a child process when this process exits. (If this process is killed, workers exit because their channel closes.) */
export function endWithProcess(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', killChildren);
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) process.off('exit', killChildren);
  });
}

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Types of the messages of a worker process: request, progress report and result. All are plain data. */
interface WorkerTask {
  request: unknown;
  report: unknown;
  end: unknown;
}

/** A message to a worker process: a new request, or `stop` to cancel the current one. */
type ToWorker<Task extends WorkerTask> = { request: Task['request'] } | 'stop';

/** A message from a worker process: progress, then the result or the reason of the failure. */
type FromWorker<Task extends WorkerTask> = { report: Task['report'] } | WorkerEnd<Task>;

/** The end of a request: the result, or the reason of the failure. */
export type WorkerEnd<Task extends WorkerTask> = { end: Task['end'] } | { problem: string };

/** A process that handles one request at a time and is restarted after a crash. */
export interface WorkerProcess<Task extends WorkerTask> {
  /**
   * @param options - `signal` cancels the request; a process that does not stop within five seconds is killed
   * @returns the result, or the reason of the failure, also if the process crashed
   * @throws the error of `onReport`, or the signal's reason if it was aborted before the start
   */
  run(
    request: Task['request'],
    options: { signal?: AbortSignal; onReport: (report: Task['report']) => void },
  ): Promise<WorkerEnd<Task>>;
  close(): void;
}

/** Options of {@link openWorkerProcess}. */
export interface WorkerProcessOptions {
  /** number of worker processes that share the processors */
  processes: number;
  /** command-line arguments */
  args?: readonly string[];
  /** additions to this process's environment */
  env?: Record<string, string>;
  /** bytes for standard input */
  input?: Uint8Array;
}

/** Time for a cancelled request to stop, ms. */
const graceMs = 5000;
/** Characters of standard error that are kept for the message of a crash. */
const keptCharacters = 2000;
/** Lines of TensorFlow that do not explain a crash. */
const notice = /^(I\d{4} |WARNING: All log messages before absl)/;
/** Bytes written to standard input at once. */
const chunkBytes = 2 ** 24;

/**
 * Opens a worker process. Models are trained in parallel processes, because additional TensorFlow threads hardly speed up one training.
 *
 * The process starts with the first request and ends with this process.
 *
 * @param file - a module that calls `runWorkerMain`
 */
export function openWorkerProcess<Task extends WorkerTask>(
  file: string,
  { processes, args = [], env, input }: WorkerProcessOptions,
): WorkerProcess<Task> {
  let child: ChildProcess | undefined;
  let errorOutput = '';

  const start = (): ChildProcess => {
    const threads = String(Math.max(1, Math.floor(availableParallelism() / processes)));
    const started = fork(file, args, {
      execArgv: [...moduleOptions],
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads, ...env },
      stdio: [input ? 'pipe' : 'ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced', // JSON has no NaN
    });
    endWithProcess(started);
    errorOutput = '';
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errorOutput = (errorOutput + text).slice(-keptCharacters);
    });
    started.on('error', () => undefined); // the close event follows
    if (input && started.stdin) void write(input, started.stdin);
    return started;
  };

  return {
    run: async (request, { signal, onReport }) => {
      signal?.throwIfAborted();
      if (!child?.connected) child = start();
      const current = child;
      let timer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        if (current.connected) current.send('stop' satisfies ToWorker<Task>);
        timer = setTimeout(() => current.kill('SIGKILL'), graceMs);
      };
      const listeners = new AbortController();
      try {
        return await new Promise<WorkerEnd<Task>>((resolve, reject) => {
          const onMessage = (message: FromWorker<Task>): void => {
            if (!('report' in message)) {
              resolve(message);
              return;
            }
            try {
              onReport(message.report);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(messageOf(error)));
            }
          };
          const onClose = (code: number | null, killedBy: string | null): void => {
            const how = killedBy === null ? `with code ${code ?? '?'}` : `by ${killedBy}`;
            const last = errorOutput
              .trim()
              .split('\n')
              .findLast((line) => !notice.test(line));
            resolve({ problem: `its process stopped ${how}${last ? `: ${last}` : ''}` });
          };
          current.on('message', onMessage).on('close', onClose);
          listeners.signal.addEventListener('abort', () => {
            current.off('message', onMessage).off('close', onClose);
          });
          signal?.addEventListener('abort', stop);
          current.send({ request } satisfies ToWorker<Task>);
        });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        listeners.abort();
      }
    },
    close: () => {
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

async function write(bytes: Uint8Array, to: Writable): Promise<void> {
  const chunks = function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  await pipeline(chunks, to).catch(() => undefined); // the process has exited, which `run` reports
}

/**
 * Turns this process into a worker of `openWorkerProcess`: it handles one request at a time until the parent exits.
 *
 * @param work - handles an request; `signal` is aborted when the parent cancels the request, `report` sends progress to the parent
 */
export function runWorkerMain<Task extends WorkerTask>(
  work: (
    request: Task['request'],
    options: { signal: AbortSignal; report: (report: Task['report']) => void },
  ) => Promise<Task['end']>,
): void {
  const send = (message: FromWorker<Task>): void => {
    if (process.connected) process.send?.(message);
  };
  const report = (report: Task['report']): void => {
    send({ report });
  };
  let control: AbortController | undefined;
  process.on('message', (message: ToWorker<Task>) => {
    if (message === 'stop') {
      control?.abort(new Error('it was stopped'));
      return;
    }
    control = new AbortController();
    void work(message.request, { signal: control.signal, report })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ problem: messageOf(error) }))
      .then(send);
  });
  // Exit with the parent, even if it was killed. Ignore signals, which may reach the whole process group: the parent decides what to stop.
  process.on('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
