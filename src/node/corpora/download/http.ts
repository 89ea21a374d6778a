import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { messageOf } from '../../../core/base';
import { explainFileError, writeFileAtomic } from '../../files';
import { DownloadError, type DownloadSettings } from './options';

/** Options of {@link downloadFile}. */
export interface DownloadFileOptions {
  /** published size; another size is an error */
  expectedBytes?: number;
  /** called with the number of bytes on disk, and the total once it is known */
  onBytes?: (done: number, total: number | undefined) => void;
  /** called with the reason after a lost connection */
  onNote?: (note: string) => void;
}

/**
 * Downloads a large file. It resumes where an earlier call or a lost connection stopped, if the server still has the same version, and
 * starts over otherwise. The file is `destination.part` until it is complete.
 *
 * Only the size is checked. If `destination` exists, nothing is downloaded. The caller makes sure that no other process downloads to
 * the same file.
 *
 * @throws {@link DownloadError} if the server refuses, the size is wrong or over `maxArchiveBytes`, or all attempts fail
 * @see RFC 9110, sections 14 (range requests) and 13.1.5 (If-Range)
 */
export async function downloadFile(
  url: string,
  destination: string,
  settings: DownloadSettings,
  { expectedBytes, onBytes, onNote }: DownloadFileOptions = {},
): Promise<void> {
  const existing = await stat(destination).catch(() => undefined);
  if (existing) {
    onBytes?.(existing.size, existing.size);
    return;
  }
  let furthest = (await readPart(destination, url)).have;
  let before = furthest;
  const report = (done: number, total: number | undefined) => {
    furthest = Math.max(furthest, done);
    onBytes?.(done, total);
  };
  await withRetries(
    () => {
      before = furthest;
      return continuePart(url, destination, settings, { expectedBytes, onBytes: report, onNote });
    },
    settings,
    {
      hasProgressed: () => furthest > before,
      onRetry: (reason, waitSec) => onNote?.(`${reason}; trying again in ${waitSec} s`),
    },
  );
  await rename(`${destination}.part`, destination);
  await rm(`${destination}.part.json`, { force: true });
}

/** Requests the missing bytes of a part. */
async function continuePart(
  url: string,
  destination: string,
  settings: DownloadSettings,
  { expectedBytes, onBytes, onNote }: DownloadFileOptions,
): Promise<void> {
  const { maxArchiveBytes } = settings.limits;
  const { have, state } = await readPart(destination, url);
  const headers: Record<string, string> = {};
  if (have > 0 && state.validator)
    Object.assign(headers, { range: `bytes=${have}-`, 'if-range': state.validator });

  await httpGet(url, headers, settings, async (response, alive) => {
    const range = contentRange(response);
    if (response.status === 416) {
      if (have > 0 && range?.total === have) return; // interrupted between the last byte and the renaming
      await startOver('the server does not have the requested range');
    }
    const resumed = response.status === 206;
    if (resumed && (range?.start !== have || (state.total !== undefined && range.total !== state.total))) {
      await startOver('the server continued with another file');
    }
    if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
      throw new DownloadError('the server sent a web page instead of the file (is a sign-in needed?)');
    }
    const total = resumed ? range?.total : contentLength(response);
    if (expectedBytes !== undefined && total !== undefined && total !== expectedBytes) {
      throw new DownloadError(
        `the file must have the published size of ${expectedBytes} bytes, got ${total}`,
      );
    }
    if (total !== undefined && total > maxArchiveBytes) {
      throw new DownloadError(`the file must have at most ${maxArchiveBytes} bytes, got ${total}`);
    }
    if (!resumed) {
      if (have > 0) onNote?.('the server sends the file from the start');
      await discardPart(destination);
      await writePartState(destination, { url, validator: validatorOf(response.headers), total });
    }

    let position = resumed ? have : 0;
    onBytes?.(position, total);
    const file = await open(`${destination}.part`, 'a').catch((error: unknown) => {
      throw explainFileError(error, `${destination}.part`);
    });
    try {
      for await (const chunk of bodyOf(response)) {
        alive();
        position += chunk.length;
        if (position > Math.min(total ?? Infinity, maxArchiveBytes)) {
          await discardPart(destination);
          throw new DownloadError(`the server sent more than ${total ?? maxArchiveBytes} bytes`);
        }
        await file.appendFile(chunk).catch((error: unknown) => {
          throw explainFileError(error, `${destination}.part`);
        });
        onBytes?.(position, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== undefined && position < total) throw connectionLost(position, total);
  });

  async function startOver(reason: string): Promise<never> {
    await discardPart(destination);
    throw new DownloadError(`${reason}; starting over`, { retryable: true });
  }
}

/** Identifies the file that a `.part` file belongs to, to request the rest of the same version. */
interface PartState {
  url: string;
  /** strong ETag or Last-Modified, for `If-Range`; without it the part cannot be continued */
  validator?: string;
  /** size of the whole file, bytes */
  total?: number;
}

/** The number of bytes in `destination.part`, if it belongs to this address. */
async function readPart(destination: string, url: string): Promise<{ have: number; state: PartState }> {
  const nothing = { have: 0, state: { url } };
  try {
    const state = JSON.parse(await readFile(`${destination}.part.json`, 'utf8')) as PartState;
    if (state.url !== url || !state.validator) return nothing;
    return { have: (await stat(`${destination}.part`)).size, state };
  } catch {
    return nothing; // no part, or an incomplete state
  }
}

async function writePartState(destination: string, state: PartState): Promise<void> {
  await writeFileAtomic(`${destination}.part.json`, JSON.stringify(state));
}

async function discardPart(destination: string): Promise<void> {
  await rm(`${destination}.part`, { force: true });
  await rm(`${destination}.part.json`, { force: true });
}

/** Identifies this version of the file. A weak ETag does not (RFC 9110, 13.1.5). */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  if (etag && !etag.startsWith('W/')) return etag;
  return headers.get('last-modified') ?? undefined;
}

/** Both forms of the header: a range with the total size or, with status 416, the size alone. */
function contentRange(response: Response): { start?: number; total?: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!match) return undefined;
  return {
    start: match[1] ? Number(match[1]) : undefined,
    total: match[2] === '*' ? undefined : Number(match[2]),
  };
}

/**
 * Downloads a small file into memory.
 *
 * @throws {@link DownloadError} if it cannot be downloaded or is larger than `maxEntryBytes`
 */
export function downloadBytes(url: string, settings: DownloadSettings): Promise<Buffer> {
  const { maxEntryBytes } = settings.limits;
  const attempt = (): Promise<Buffer> =>
    httpGet(url, {}, settings, async (response, alive) => {
      if (!response.ok) throw new DownloadError(`the server answered ${response.status}`);
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of bodyOf(response)) {
        alive();
        length += chunk.length;
        if (length > maxEntryBytes)
          throw new DownloadError(`the file must have at most ${maxEntryBytes} bytes`);
        chunks.push(chunk);
      }
      const total = contentLength(response);
      if (total !== undefined && total !== length) throw connectionLost(length, total);
      return Buffer.concat(chunks);
    });
  return withRetries(attempt, settings);
}

/** Longest wait between two attempts. */
const maxWaitSec = 30;

/**
 * Repeats an attempt after retryable errors, with exponential backoff or the server's Retry-After.
 *
 * @param options - `hasProgressed`: the last attempt downloaded more than any before, so that the count of attempts starts again
 * @throws the error of the last attempt, or the signal's reason
 */
async function withRetries<T>(
  attempt: () => Promise<T>,
  { signal, limits }: DownloadSettings,
  {
    hasProgressed = () => false,
    onRetry,
  }: { hasProgressed?: () => boolean; onRetry?: (reason: string, waitSec: number) => void } = {},
): Promise<T> {
  let failures = 0;
  return pRetry(attempt, {
    signal,
    // Attempts and waits depend on progress and on the server, so they are controlled below.
    retries: Infinity,
    minTimeout: 0,
    shouldRetry: async ({ error }) => {
      if (!(error instanceof DownloadError) || !error.retryable) return false;
      failures = hasProgressed() ? 1 : failures + 1;
      if (failures >= limits.attempts) return false;
      const waitSec = Math.min(error.retryAfterSec ?? limits.backoffSec * 2 ** (failures - 1), maxWaitSec);
      onRetry?.(error.message, waitSec);
      await sleep(waitSec * 1000, undefined, { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
      return true;
    },
  });
}

/**
 * Sends a GET request. A connection without data for `stallSec` is closed.
 *
 * @param consume - reads the body of a response with status 2xx or 416, and calls `alive` for each piece
 * @throws {@link DownloadError} for other statuses, a lost connection (retryable) or a stalled one (retryable)
 * @throws the signal's reason if it is aborted
 */
async function httpGet<T>(
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
    // No compression: sizes and ranges must count the bytes of the file.
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
    // fetch throws TypeErrors when it cannot connect or loses the connection.
    if (error instanceof TypeError) {
      const cause = error.cause === undefined ? '' : ` (${messageOf(error.cause)})`;
      throw new DownloadError(`the connection failed: ${error.message}${cause}`, { retryable: true });
    }
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    stop(); // closes the connection if the body was not read to the end
  }
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

function connectionLost(received: number, total: number): DownloadError {
  return new DownloadError(`the connection ended after ${received} of ${total} bytes`, { retryable: true });
}

/** Size of the body, unless it is compressed. */
function contentLength(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : Number(length);
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  // In Node, streams are iterable; the browser's type of them, imported by highlight.js, is not.
  return (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
}
