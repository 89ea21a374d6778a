import { DownloadError } from './download-error';
import { bodyOf, httpGet } from './http-get';
import type { DownloadSettings } from './options';
import { withRetries } from './with-retries';

/**
 * A small file, whole, in memory.
 *
 * @throws DownloadError when it cannot be had or is larger than `maxEntryBytes`
 */
export async function downloadBytes(url: string, settings: DownloadSettings): Promise<Buffer> {
  const { maxEntryBytes } = settings.limits;
  return withRetries(
    () =>
      httpGet(url, {}, settings, async (response, alive) => {
        if (!response.ok) throw new DownloadError(`the server answered ${response.status}`);
        const chunks: Uint8Array[] = [];
        let length = 0;
        for await (const chunk of bodyOf(response)) {
          alive();
          length += chunk.length;
          if (length > maxEntryBytes)
            throw new DownloadError(`the file is larger than ${maxEntryBytes} bytes`);
          chunks.push(chunk);
        }
        const expected = response.headers.get('content-length');
        if (expected !== null && !response.headers.has('content-encoding') && Number(expected) !== length) {
          throw new DownloadError(`the connection ended after ${length} of ${expected} bytes`, {
            retryable: true,
          });
        }
        return Buffer.concat(chunks);
      }),
    settings,
  );
}
