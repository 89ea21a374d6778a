import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../../core/base';
import { moduleOptions } from './start-worker';

/** What a process is told, says while it works, and comes to in the end: plain data. */
export interface WorkerTask {
  order: unknown;
  report: unknown;
  end: unknown;
}

/** To a process: something to do, or that what is at work be stopped. */
export type ToWorker<Task extends WorkerTask> = { order: Task['order'] } | 'stop';

/** From it: how far it is, and at last what came of its order, or why nothing did. */
export type FromWorker<Task extends WorkerTask> = { report: Task['report'] } | WorkerEnd<Task>;
export type WorkerEnd<Task extends WorkerTask> = { end: Task['end'] } | { problem: string };

/** A process that does one thing after the other, and is started anew after one that it did not survive. */
export interface WorkerProcess<Task extends WorkerTask> {
  /**
   * @param options - `signal` asks it to stop by itself, and kills it if it takes too long
   * @returns what came of it, or why nothing did, also if the process died of it
   * @throws what `onReport` throws, or the signal's reason if it was aborted before
   */
  run(
    order: Task['order'],
    options: { signal?: AbortSignal; onReport: (report: Task['report']) => void },
  ): Promise<WorkerEnd<Task>>;
  close(): void;
}

export interface WorkerProcessOptions {
  /** how many such processes there are: each has its share of the processors */
  processes: number;
  /** arguments of the program */
  args?: readonly string[];
  /** what differs from this process's environment */
  env?: Record<string, string>;
  /** bytes that it reads from its standard input */
  input?: Uint8Array;
}

/** Time that it has to stop by itself, ms. */
const graceMs = 5000;
/** Of what the process wrote before it died, so much is kept. */
const lastCharacters = 2000;
/** Lines of TensorFlow that are no reason to die. */
const notice = /^(I\d{4} |WARNING: All log messages before absl)/;
/** What is written to it at once. */
const chunkBytes = 2 ** 24;

/**
 * A process for what is too much for one: TensorFlow's threads help a training little, a second process helps much.
 *
 * It is started with its first order, and ends with this process.
 *
 * @param file - of a module that calls `runWorkerMain`
 */
export function openWorkerProcess<Task extends WorkerTask>(
  file: string,
  { processes, args = [], env, input }: WorkerProcessOptions,
): WorkerProcess<Task> {
  let child: ChildProcess | undefined;
  let lastWords = '';

  const start = (): ChildProcess => {
    const threads = String(Math.max(1, Math.floor(availableParallelism() / processes)));
    const started = fork(file, args, {
      execArgv: [...moduleOptions],
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads, ...env },
      stdio: [input ? 'pipe' : 'ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced', // JSON has no NaN
    });
    lastWords = '';
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-lastCharacters);
    });
    started.on('error', () => undefined); // whatever it is, the process ends with it
    if (input && started.stdin) void write(input, started.stdin);
    return started;
  };

  return {
    run: async (order, { signal, onReport }) => {
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
            const last = lastWords
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
          current.send({ order } satisfies ToWorker<Task>);
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
  await pipeline(chunks, to).catch(() => undefined); // it has died, which is told of elsewhere
}
