import { join } from 'node:path';
import { fileName } from '../training';
import { bundleOf } from './bundle-of';
import { saveBundle } from './model-bundle';
import type { RecordedResult } from './run-recorded';

/** Where the models of a run lie: a folder beside its record, by the record's path. */
export const modelsFolder = (record: string): string => record.replace(/\.json$/, '');

/**
 * Saves the models of a run that a record was kept of, beside the record: a bundle a split.
 *
 * @returns their folder; undefined if no split was finished
 */
export async function saveModels(result: RecordedResult): Promise<string | undefined> {
  const { path, engine, folds } = result;
  if (folds.length === 0) return undefined;
  const folder = modelsFolder(path);
  for (const [i, { split }] of folds.entries())
    await saveBundle(engine, join(folder, fileName(split.name)), bundleOf(result, i));
  return folder;
}
