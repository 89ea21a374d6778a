/** The two text streams of a process. */
export type StreamName = 'stdout' | 'stderr';

/** Text is sent at the latest when this much has gathered (characters)… */
const maxGathered = 65_536;
/** …or after this time: soon while the loop is free, and from within a busy loop by the clock. */
const idleDelayMs = 50;
const busyDelayMs = 200;

/** Gathers small writes into few messages, keeping the order of the two streams. */
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
    if (this.#text.length > maxGathered || Date.now() - this.#sentAt > busyDelayMs) this.flush();
    else
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, idleDelayMs);
  }

  /** Sends what has gathered; called before any other kind of output and at a cell's end. */
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
