import { messageOf } from '../../../core/base';
import { DownloadError } from './download-error';
import type { DownloadSettings } from './options';

/**
 * One GET request whose body the caller consumes; a connection that goes quiet is cut.
 *
 * @param consume - reads the body, and calls `alive` for each piece that arrives. It sees statuses 2xx and 416.
 * @throws DownloadError for other statuses, a lost connection (retryable) or no byte for `stallSec` (retryable)
 * @throws the signal's reason when the caller aborts
 */
export async function httpGet<T>(
  url: string,
  headers: Record<string, string>,
  { fetch, signal, limits }: DownloadSettings,
  consume: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const connection = new AbortController();
  const stop = () => {
    connection.abort();
  };
  const timer = setTimeout(stop, limits.stallSec * 1000);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    // Identity: sizes and ranges must count the file's own bytes.
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...headers },
      signal: connection.signal,
    });
    if (!response.ok && response.status !== 416) throw statusError(response);
    return await consume(response, () => timer.refresh());
  } catch (error) {
    signal?.throwIfAborted();
    if (connection.signal.aborted) {
      throw new DownloadError(`no data for ${limits.stallSec} s`, { retryable: true });
    }
    // What fetch throws when it cannot connect or is cut off.
    if (error instanceof TypeError) throw new DownloadError(networkReason(error), { retryable: true });
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    stop(); // frees the connection of a body that was not read to its end
  }
}

/** A response's body, a piece at a time. */
export function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  // Node's streams are iterable; the browser's type of them, which highlight.js brings in, does not say so.
  return (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
}

function statusError(response: Response): DownloadError {
  const { status, statusText } = response;
  const retryable = status === 408 || status === 425 || status === 429 || status >= 500;
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfterSec = Number.isFinite(seconds) ? seconds : undefined;
  return new DownloadError(`the server answered ${status} ${statusText}`.trimEnd(), {
    retryable,
    retryAfterSec,
  });
}

function networkReason(error: TypeError): string {
  const cause = error.cause === undefined ? '' : ` (${messageOf(error.cause)})`;
  return `the connection failed: ${error.message}${cause}`;
}
