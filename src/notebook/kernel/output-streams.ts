import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { messageOf } from '../../core/base';
import type { Captured } from '../display';

/** The two text streams of a process. */
export type StreamName = 'stdout' | 'stderr';

/** Maximum number of characters before text is sent. */
const maxPending = 65_536;
/** Maximum delay of text: while the event loop is free, and within a busy loop. */
const idleDelayMs = 50;
const busyDelayMs = 200;

/** Writes to the log of the Jupyter server why a message of a front end was ignored. */
export function logIgnored(error: unknown): void {
  try {
    writeSync(2, `the kernel ignored a message: ${messageOf(error)}\n`);
  } catch {
    // nobody reads the log
  }
}

/** Combines small writes into few messages; keeps the order of the two streams. */
export class StreamJoiner {
  #name: StreamName = 'stdout';
  #text = '';
  #sentAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (name: StreamName, text: string) => void) {}

  write(name: StreamName, text: string): void {
    if (name !== this.#name) this.flush();
    this.#name = name;
    this.#text += text;
    if (this.#text.length > maxPending || Date.now() - this.#sentAt > busyDelayMs) this.flush();
    else
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, idleDelayMs);
  }

  /** Sends pending text; call it before other output and at the end of a cell. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#sentAt = Date.now();
    this.send(this.#name, text);
  }
}

/** One zeromq message. */
type Frames = (string | Buffer)[];

/** The part of a bound socket that tslab uses. */
export interface SendingSocket {
  send(frames: Frames): Promise<void>;
  close(): void;
}

/**
 * Wraps a socket so that it accepts any number of messages in one tick. zeromq 6 throws EBUSY after 512 of them; tslab would then lose
 * the remaining output and the end of the cell. Messages that the socket refuses are queued in order.
 *
 * @returns a replacement for the socket; `drained` resolves when the queue is empty
 */
export function queueSends(socket: SendingSocket): SendingSocket & { drained(): Promise<void> } {
  const waiting: Frames[] = [];
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    for (let next = waiting.at(0); next !== undefined; next = waiting.at(0)) {
      if (await accepted(next)) waiting.shift();
      else await new Promise((resume) => setImmediate(resume));
    }
    draining = undefined;
  }

  async function accepted(frames: Frames): Promise<boolean> {
    try {
      await socket.send(frames);
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      return true; // The socket is closed.
    }
  }

  function send(frames: Frames): Promise<void> {
    if (draining === undefined) {
      try {
        return socket.send(frames);
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    waiting.push(frames);
    draining ??= drain();
    return Promise.resolve();
  }

  return {
    send,
    close: () => {
      socket.close();
    },
    drained: () => draining ?? Promise.resolve(),
  };
}

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EBUSY';
}

type Sink = (output: Captured) => void;

/** Redirects what a function displays and prints, also in its asynchronous continuations. */
export class Capture {
  readonly #storage = new AsyncLocalStorage<{ sink: Sink | undefined }>();

  /** Runs `work`; its output goes to `sink` until its promise settles. */
  async run<T>(sink: Sink, work: () => T | Promise<T>): Promise<T> {
    const store: { sink: Sink | undefined } = { sink };
    try {
      return await this.#storage.run(store, work);
    } finally {
      // Worker processes outlive the work; their later output belongs to the code that uses them next.
      store.sink = undefined;
    }
  }

  /** Receives the output of the calling code; undefined if it goes to the cell. */
  get sink(): Sink | undefined {
    return this.#storage.getStore()?.sink;
  }
}
