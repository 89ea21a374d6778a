import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What each entry of the cache takes, in bytes, by name.
 *
 * @returns nothing when there is no cache
 */
export function cacheSizes(directory: string): { name: string; bytes: number }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => {
      const path = join(directory, name);
      if (!statSync(path).isDirectory()) return { name, bytes: statSync(path).size };
      const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
      return { name, bytes: files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0) };
    });
}

/** Empties the cache; the folder itself stays. */
export function clearCache(directory: string): void {
  for (const { name } of cacheSizes(directory)) rmSync(join(directory, name), { recursive: true });
}
