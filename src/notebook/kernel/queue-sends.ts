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
