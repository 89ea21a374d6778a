import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidFileError } from '../../core/base';
import { newFolder, removeTemporary, replaceFolder } from '../files';
import { type Site, siteBytes } from './site';

/** Maximum size of an exported page, bytes. */
export const maxExportBytes = 12e6;

/**
 * Writes the live page as static files for any web host. All addresses in it are relative, so it also works in a subfolder.
 *
 * @param folder - created in one step; an earlier export is replaced
 * @returns size of all files, bytes
 * @throws {@link InvalidFileError} if the folder contains other files than an export, or the page would have more than 12 MB
 * @example
 * ```ts
 * exportSite(await liveSite({ models }), 'public/live');
 * ```
 */
export function exportSite(site: Site, folder: string): number {
  const bytes = siteBytes(site);
  if (bytes > maxExportBytes) {
    const [limit, size] = [maxExportBytes, bytes].map((count) => (count / 1e6).toFixed(1));
    throw new InvalidFileError(
      folder,
      `the page must have at most ${limit} MB, got ${size} MB; choose fewer or smaller models with --model`,
    );
  }
  const own = new Set([...site.keys()].map((name) => name.replace(/\/.*/, '')));
  const other = existsSync(folder) ? readdirSync(folder).find((name) => !own.has(name)) : undefined;
  if (other !== undefined)
    throw new InvalidFileError(folder, `it contains ${other}; choose an empty or new folder for --export`);
  const unfinished = newFolder(folder);
  try {
    for (const [name, file] of site) {
      const target = join(unfinished, name);
      mkdirSync(dirname(target), { recursive: true });
      if ('path' in file) copyFileSync(file.path, target);
      else writeFileSync(target, file.content);
    }
    replaceFolder(folder, unfinished);
  } finally {
    removeTemporary(unfinished);
  }
  return bytes;
}
