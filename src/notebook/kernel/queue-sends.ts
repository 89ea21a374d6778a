/** One message as zeromq takes it. */
type Frames = (string | Buffer)[];

interface Socket {
  send(frames: Frames): Promise<void>;
}

/**
 * Makes a socket take any number of messages in one tick. zeromq 6 throws EBUSY after 512 of them, and tslab then loses
 * the rest and the cell's end. What the socket refuses waits here, in order.
 *
 * @param socket - its `send` is replaced
 * @returns waits until nothing is left
 */
export function queueSends(socket: Socket): () => Promise<void> {
  const direct = socket.send.bind(socket);
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
      await direct(frames);
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      return true; // The socket is closed: nobody is left to tell.
    }
  }

  function send(frames: Frames): Promise<void> {
    if (draining === undefined) {
      try {
        return direct(frames);
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    waiting.push(frames);
    draining ??= drain();
    return Promise.resolve();
  }

  Object.defineProperty(socket, 'send', { value: send });
  return () => draining ?? Promise.resolve();
}

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EBUSY';
}
