import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import type { ExperimentResult, Model } from '../../core/prediction';
import { splitFileName, type StoredRun } from '../runs';
import { modelOf } from './create-model';
import { saveModel } from './model-folder';

/** Where the models of a run lie: a folder beside its record, by the record's path. */
const modelsFolder = (record: string): string => record.replace(/\.json$/, '');

/**
 * Saves the models of a run that a record was kept of, beside the record: a bundle a split.
 *
 * @param record - its path
 * @param models - one a finished split; default the result's own models
 * @returns their folder; undefined if no split was finished
 */
export async function saveModels(
  result: ExperimentResult,
  record: string,
  models?: readonly Model[],
): Promise<string | undefined> {
  const { engine, folds } = result;
  if (folds.length === 0) return undefined;
  const folder = modelsFolder(record);
  for (const [i, { split }] of folds.entries()) {
    const place = join(folder, splitFileName(split.name));
    await saveModel(engine, place, models?.[i] ?? modelOf(result, i));
  }
  return folder;
}

/**
 * The folder of the bundle that a run kept of one of its splits.
 *
 * @param runs - folder of the run records
 * @param split - its name; default the first
 * @throws {@link WorkbenchError} if there is none, with those that there are
 */
export function modelOfRun(
  { file, splits, report }: StoredRun,
  runs: string,
  // The splits of an ensemble are in the records of its members.
  split = (splits.at(0) ?? report?.perSplit.at(0))?.name,
): string {
  const folder = modelsFolder(join(runs, file));
  const present = existsSync(folder) ? readdirSync(folder) : [];
  if (split !== undefined && present.includes(splitFileName(split)))
    return join(folder, splitFileName(split));
  throw new WorkbenchError(
    `${file} has no model of the split ${split ?? 'that was to be first'}; there are: ${present.join(', ') || 'none'} (npm run train and npm run evaluate -- --save keep them)`,
  );
}
