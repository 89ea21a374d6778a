/** A signal that the first Ctrl-C aborts; the second one ends the process. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
  });
  return stop.signal;
}
