import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../core/base';
import { writeFileAtomic } from '../../files';
import { downloadBytes } from './download-bytes';
import { DownloadError } from './download-error';
import type { DownloadSettings } from './options';
import type { SideFile } from './source';

/**
 * Downloads a corpus's tables where they are not there yet. One that cannot be had does not stop the corpus.
 *
 * @param parent - the tables' paths go below it
 * @returns what could not be had, and why
 */
export async function addSideFiles(
  sideFiles: readonly SideFile[],
  parent: string,
  settings: DownloadSettings,
): Promise<{ path: string; reason: string }[]> {
  const missing: { path: string; reason: string }[] = [];
  for (const { path, url, sha256 } of sideFiles) {
    const target = join(parent, path);
    if (await stat(target).catch(() => undefined)) continue;
    try {
      const bytes = await downloadBytes(url, settings);
      const actual = createHash('sha256').update(bytes).digest('hex');
      if (actual !== sha256) throw new DownloadError(`SHA-256 is ${actual}, expected ${sha256}`);
      await writeFileAtomic(target, bytes);
    } catch (error) {
      settings.signal?.throwIfAborted();
      missing.push({ path, reason: messageOf(error) });
    }
  }
  return missing;
}
