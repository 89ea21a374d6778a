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
      // What outlives the work, such as a worker process, belongs to whatever uses it next.
      store.sink = undefined;
    }
  }

  /** Where output of the calling code goes; undefined: to the cell. */
  get sink(): Sink | undefined {
    return this.#storage.getStore()?.sink;
  }
}
