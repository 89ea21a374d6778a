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

/** One message as zeromq takes it. */
type Frames = (string | Buffer)[];

/** What tslab does with a socket once it is bound. */
export interface SendingSocket {
  send(frames: Frames): Promise<void>;
  close(): void;
}

/**
 * A socket that takes any number of messages in one tick. zeromq 6 throws EBUSY after 512 of them, and tslab then loses
 * the rest and the cell's end. What the socket refuses waits here, in order.
 *
 * @returns stands for the socket (whose objects cannot be changed); `drained` waits until nothing is left
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
      return true; // The socket is closed: nobody is left to tell.
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
