import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDemoName, WorkbenchError } from '../../core/base';
import { checkedCard, inventoryFile, type ModelCard } from '../../core/prediction';
import { foldersIn, paths, readFolderSync } from '../files';

/** A saved model. */
export interface FoundModel {
  path: string;
  /** the folder it was found in */
  root: string;
  /** trained only on the synthetic demo corpus */
  isOfDemo: boolean;
  /** empty if it cannot be read; loading the model then reports why */
  card: ModelCard;
}

/** Number of folder levels that are searched. */
const maxDepth = 4;

/**
 * Finds saved models in the order in which `predict` prefers them: by folder, then newest first. Models trained only on the synthetic
 * demo corpus come last.
 *
 * @param folders - default `runs/` (trained here), then `data/models/` (shipped with the project)
 */
export function findModels(folders: readonly string[] = [paths.runs, paths.models]): FoundModel[] {
  const found = folders.flatMap((root) =>
    modelsBelow(root, maxDepth)
      .sort((a, b) => b.savedMs - a.savedMs)
      .map(({ path }) => {
        const card = readCard(path);
        return { path, root, isOfDemo: isOfDemo(card), card };
      }),
  );
  return found.sort((a, b) => Number(a.isOfDemo) - Number(b.isOfDemo));
}

/**
 * The folder of the first model that {@link findModels} finds.
 *
 * @throws {@link WorkbenchError} if there is none, with the remedy
 */
export function newestModel(folders?: readonly string[]): string {
  const first = findModels(folders).at(0);
  if (first) return first.path;
  throw new WorkbenchError('no trained model found; run `npm run train` first, or choose one with --model');
}

function modelsBelow(folder: string, levels: number): { path: string; savedMs: number }[] {
  const savedMs = unlessMissing(folder, (path) => statSync(join(path, inventoryFile)).mtimeMs);
  if (savedMs !== undefined) return [{ path: folder, savedMs }];
  if (levels === 0) return [];
  return (unlessMissing(folder, foldersIn) ?? []).flatMap((name) =>
    modelsBelow(join(folder, name), levels - 1),
  );
}

/** Undefined if the folder, or the file in it, cannot be read. */
function unlessMissing<Result>(folder: string, read: (path: string) => Result): Result | undefined {
  try {
    return readFolderSync(folder, read);
  } catch {
    return undefined;
  }
}

function readCard(folder: string): ModelCard {
  const read = (path: string): ModelCard =>
    checkedCard(JSON.parse(readFileSync(join(path, 'card.json'), 'utf8')));
  return unlessMissing(folder, read) ?? {};
}

function isOfDemo(card: ModelCard): boolean {
  const corpora = Object.keys(card.corpora ?? {});
  return corpora.length > 0 && corpora.every(isDemoName);
}
