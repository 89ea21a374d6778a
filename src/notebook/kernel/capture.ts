import { AsyncLocalStorage } from 'node:async_hooks';
import type { Captured } from '../display';

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
