import { statSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import { checkedCard, inventoryFile, type ModelCard } from '../../core/prediction';
import { foldersIn, paths, readFolderSync } from '../files';
import { readModelFile } from './model-folder';
import { describeModel, type FoundModel, rankModels } from './rank-models';

/** Number of folder levels that are searched. */
const maxDepth = 4;

/**
 * Finds saved models, ranked as in `predict`: the first is the default, and `reason` states why.
 *
 * The default is the newest finished run that scores above the published model under the same protocol, on the same recordings and test
 * folds; otherwise the published model. Without a published model, finished runs come first. Interrupted and failed runs come after
 * them, and models trained only on the synthetic demo corpus last.
 *
 * @param folders - default `runs/` (trained here) and `data/models/` (published); the order of the folders does not matter
 */
export function findModels(folders: readonly string[] = [paths.runs, paths.models]): FoundModel[] {
  return rankModels(
    folders.flatMap((root) =>
      modelsBelow(root, maxDepth).map(({ path, savedMs }) =>
        describeModel(path, { root, savedMs, card: readCard(path) }),
      ),
    ),
  );
}

/**
 * The folder of the default model: the first that {@link findModels} finds.
 *
 * @throws {@link WorkbenchError} if there is none, with the remedy
 */
export function newestModel(folders?: readonly string[]): string {
  return defaultModel(folders).path;
}

/** Like {@link newestModel}, with the card, scores and origin of the model. */
export function defaultModel(folders?: readonly string[]): FoundModel {
  const first = findModels(folders).at(0);
  if (first) return first;
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

/** The result of `read`, or undefined if the folder or the file in it cannot be read. */
function unlessMissing<Result>(folder: string, read: (path: string) => Result): Result | undefined {
  try {
    return readFolderSync(folder, read);
  } catch {
    return undefined;
  }
}

function readCard(folder: string): ModelCard {
  const read = (path: string): ModelCard =>
    checkedCard(JSON.parse(readModelFile(path, 'card.json').toString('utf8')));
  return unlessMissing(folder, read) ?? {};
}
