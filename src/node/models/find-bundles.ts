import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDemoName, WorkbenchError } from '../../core/base';
import { paths } from '../files';
import { type BundleCard, checkedCard } from '../../core/prediction';

/** A bundle that may be asked. */
export interface FoundBundle {
  path: string;
  /** the folder that it was found below */
  root: string;
  /** it has heard nothing but the synthetic demo */
  isOfDemo: boolean;
  /** empty if it cannot be read: whoever loads the bundle hears why */
  card: BundleCard;
}

/** Folders between the one that is searched and the bundle's. */
const deepest = 4;

/**
 * The bundles below some folders, in the order in which they are to answer: those of a folder before those of the next, the
 * last saved first; those that heard only the synthetic demo after all others, for they know nothing of people.
 *
 * @param folders - default `runs/`, with what was trained here, then `data/models/`, with what comes with the project
 */
export function findBundles(folders: readonly string[] = [paths.runs, paths.models]): FoundBundle[] {
  const found = folders.flatMap((root) =>
    bundlesBelow(root, deepest)
      .sort((a, b) => b.saved - a.saved)
      .map(({ path }) => {
        const card = cardOf(path);
        return { path, root, isOfDemo: isOfDemo(card), card };
      }),
  );
  return found.sort((a, b) => Number(a.isOfDemo) - Number(b.isOfDemo));
}

/**
 * The folder of the first bundle that {@link findBundles} finds.
 *
 * @throws {@link WorkbenchError} if there is none, with the remedy
 */
export function newestBundle(folders?: readonly string[]): string {
  const [first] = findBundles(folders);
  if (first as unknown) return first.path;
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

function cardOf(bundle: string): BundleCard {
  try {
    return checkedCard(JSON.parse(readFileSync(join(bundle, 'card.json'), 'utf8')));
  } catch {
    return {};
  }
}

function isOfDemo(card: BundleCard): boolean {
  const corpora = Object.keys(card.corpora ?? {});
  return corpora.length > 0 && corpora.every(isDemoName);
}
