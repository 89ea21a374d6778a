import { open, rename, rm, stat } from 'node:fs/promises';
import { DownloadError } from './download-error';
import { bodyOf, httpGet } from './http-get';
import type { DownloadSettings } from './options';
import { discardPart, readPart, validatorOf, writePartState } from './part-state';
import { withRetries } from './with-retries';

export interface DownloadFileOptions {
  /** size the publisher states; another one is refused */
  expectedBytes?: number;
  /** called with the bytes on disk so far, and the whole size once it is known */
  onBytes?: (done: number, total: number | undefined) => void;
  /** told of a lost connection */
  onNote?: (note: string) => void;
}

/**
 * Downloads a large file and goes on where an earlier call (or a lost connection) stopped, as long as the server still
 * has the same version; otherwise it starts afresh. The bytes lie in `destination.part` until all have come.
 *
 * @returns when `destination` is whole by size (its content is the caller's to check); at once if it already exists
 * @throws DownloadError when the server refuses, the size is wrong or over `maxArchiveBytes`, or the retries run out
 * @see RFC 9110, 14 (range requests) and 13.1.5 (If-Range)
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
      progressed: () => furthest > before,
      onRetry: (reason, waitSec) => onNote?.(`${reason}; trying again in ${waitSec} s`),
    },
  );
  await rename(`${destination}.part`, destination);
  await rm(`${destination}.part.json`, { force: true });
}

/** One request for what is missing of the part. */
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
      if (have > 0 && range?.total === have) return; // cut off between the last byte and the rename
      await startAfresh('the server has no such range');
    }
    const resumed = response.status === 206;
    if (resumed && (range?.start !== have || (state.total !== undefined && range.total !== state.total))) {
      await startAfresh('the server continued another file');
    }
    if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
      throw new DownloadError(
        'the server answered with a web page instead of the file (is a sign-in needed?)',
      );
    }
    const total = resumed ? range?.total : contentLength(response);
    if (expectedBytes !== undefined && total !== undefined && total !== expectedBytes) {
      throw new DownloadError(`the file has ${total} bytes, the publisher states ${expectedBytes}`);
    }
    if (total !== undefined && total > maxArchiveBytes) {
      throw new DownloadError(`the file has ${total} bytes, more than the ${maxArchiveBytes} allowed`);
    }
    if (!resumed) {
      if (have > 0) onNote?.('the server sends the file from its start');
      await discardPart(destination);
      await writePartState(destination, { url, validator: validatorOf(response.headers), total });
    }

    let position = resumed ? have : 0;
    onBytes?.(position, total);
    const file = await open(`${destination}.part`, 'a');
    try {
      for await (const chunk of bodyOf(response)) {
        alive();
        position += chunk.length;
        if (position > Math.min(total ?? Infinity, maxArchiveBytes)) {
          await discardPart(destination);
          throw new DownloadError(`the server sent more than ${total ?? maxArchiveBytes} bytes`);
        }
        await file.appendFile(chunk);
        onBytes?.(position, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== undefined && position < total) {
      throw new DownloadError(`the connection ended after ${position} of ${total} bytes`, {
        retryable: true,
      });
    }
  });

  async function startAfresh(reason: string): Promise<never> {
    await discardPart(destination);
    throw new DownloadError(`${reason}; starting afresh`, { retryable: true });
  }
}

/** Size of the whole body, if the server says so in the file's own bytes. */
function contentLength(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? undefined : Number(length);
}

/** The two forms: a range with the whole size, or (with 416) the size alone. */
function contentRange(response: Response): { start?: number; total?: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!match) return undefined;
  return {
    start: match[1] ? Number(match[1]) : undefined,
    total: match[2] === '*' ? undefined : Number(match[2]),
  };
}
