import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../errors';
import { paths } from '../paths';

/** Folders between the one that is searched and the bundle's. */
const deepest = 4;

/**
 * The folder of the bundle that was saved last below the first of some folders that has any.
 *
 * @param folders - default `runs/`, with what was trained here, then `data/models/`, with what comes with the project
 * @throws {@link WorkbenchError} if there is none, with the remedy
 */
export function newestBundle(folders: readonly string[] = [paths.runs, paths.models]): string {
  for (const folder of folders) {
    const [newest] = bundlesBelow(folder, deepest).sort((a, b) => b.saved - a.saved);
    if (newest as unknown) return newest.path;
  }
  throw new WorkbenchError(
    'there is no trained model yet: run `npm run train` first, or name one with --model',
  );
}

function bundlesBelow(folder: string, levels: number): { path: string; saved: number }[] {
  if (!existsSync(folder)) return [];
  const inventory = statSync(join(folder, 'bundle.json'), { throwIfNoEntry: false });
  if (inventory) return [{ path: folder, saved: inventory.mtimeMs }];
  if (levels === 0) return [];
  // A name with a dot is of a bundle that is being written.
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => bundlesBelow(join(folder, name), levels - 1));
}
