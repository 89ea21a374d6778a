import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files below a folder whose names match, sorted, with `/` between folders. Names that start with a dot are
 * skipped: unfinished downloads live there. Links to folders are followed, each real folder once.
 *
 * @param pattern - what a file's name must match
 * @returns paths below `directory`; none when it does not exist
 */
export async function listFiles(directory: string, pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  await visit('');
  return found.sort();

  async function visit(folder: string): Promise<void> {
    const absolute = join(directory, folder);
    const real = await realpath(absolute).catch(() => undefined);
    if (real === undefined || seen.has(real)) return;
    seen.add(real);
    for (const entry of await readdir(absolute, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // A link that leads nowhere is neither.
      const kind = entry.isSymbolicLink() ? await stat(join(directory, path)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await visit(path);
      else if (kind?.isFile() && pattern.test(entry.name)) found.push(path);
    }
  }
}
