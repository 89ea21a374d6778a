import { setTimeout as sleep } from 'node:timers/promises';
import { DownloadError } from './download-error';
import type { DownloadSettings } from './options';

const longestWaitSec = 30;

/**
 * Repeats an attempt that fails with a retryable {@link DownloadError}, waiting twice as long each time.
 *
 * @param progressed - true when the last attempt got further than any before; such a failure does not count
 * @param onRetry - told why, and how long the wait is
 * @throws the last attempt's error, or the signal's reason
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { signal, limits }: DownloadSettings,
  {
    progressed = () => false,
    onRetry,
  }: { progressed?: () => boolean; onRetry?: (reason: string, waitSec: number) => void } = {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DownloadError) || !error.retryable) throw error;
      if (progressed()) failures = 1;
      if (failures >= limits.attempts) throw error;
      const wanted = error.retryAfterSec ?? limits.backoffSec * 2 ** (failures - 1);
      const waitSec = Math.min(wanted, longestWaitSec);
      onRetry?.(error.message, waitSec);
      await sleep(waitSec * 1000, undefined, { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
    }
  }
}
