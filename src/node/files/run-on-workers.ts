/**
 * Gives each process the next of the items as soon as it is free, in their order.
 *
 * @param work - is handed a signal that is aborted when another one's work has failed, too
 * @throws why the first failed, once the others have stopped
 */
export async function runOnWorkers<Process, Item>(
  items: readonly Item[],
  processes: readonly Process[],
  { signal }: { signal?: AbortSignal },
  work: (process: Process, item: Item, place: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])]);
  const queue = [...items.entries()];
  const workOff = async (process: Process): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(process, next[1], next[0], stop);
  };
  await Promise.allSettled(
    processes.map((process) =>
      workOff(process).catch((error: unknown) => {
        failure.abort(error);
      }),
    ),
  );
  failure.signal.throwIfAborted();
}
