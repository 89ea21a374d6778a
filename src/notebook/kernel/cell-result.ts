import { installedDisplayer, type MimeBundle } from '../display';
import { isPromise, textBundle } from '../inspected';
import { interruptMessage } from './cell-failure';

/**
 * Outputs for the value of a cell's last expression: as `ser.show` displays it, or as text before a cell has imported the library.
 *
 * @param signal - interrupts waiting for a promise
 */
export async function bundlesOfResult(result: unknown, signal: AbortSignal): Promise<MimeBundle[]> {
  const value: unknown = isPromise(result) ? await settled(result, signal) : result;
  if (value === undefined || value === null) return [];
  const show = installedDisplayer();
  if (show === undefined) return [textBundle(value)];
  return settled(show(value), signal);
}

/** The value of a promise. Rejects when the signal is aborted. */
async function settled<T>(value: T, signal: AbortSignal): Promise<Awaited<T>> {
  let stop = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new Error(interruptMessage));
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([value, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
