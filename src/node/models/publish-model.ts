import { join } from 'node:path';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig, experimentConfig } from '../../core/config';
import { preparationFromJson } from '../../core/dataset';
import { checkedCard, membersOf } from '../../core/prediction';
import { paths } from '../files';
import type { StoredRun } from '../runs';
import { modelCard } from './model-card';
import { openModelFolder, writeModelFolder } from './model-folder';

/** Bytes that a published model may have: git keeps every version of it for ever. */
const largest = 2e6;

export interface PublishOptions {
  /** folder of the bundle, one of the run's */
  bundle: string;
  /** what it is to be called: its folder below `models` */
  name: string;
  /** default `data/models/` */
  models?: string;
}

/**
 * Puts a trained model where git keeps it, with a model card for people, `README.md`, beside its files. A model of that name is
 * replaced.
 *
 * @returns the new bundle's folder, and the bytes in it
 * @throws {@link InvalidArgumentError} if the name cannot be a folder's
 * @throws {@link WorkbenchError} if the run was not finished, has no scores or was scored under a leaky protocol; if the bundle is
 *   of another experiment, or larger than 2 MB
 * @throws InvalidFileError if the bundle is damaged, or what is in its place is no bundle
 */
export function publishModel(
  record: StoredRun,
  { bundle, name, models = paths.models }: PublishOptions,
): { folder: string; bytes: number } {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    throw new InvalidArgumentError('name', 'of small letters, digits, dots and hyphens', name);
  }
  const { status, report, data, file } = record;
  if (status !== 'finished' || !report || !data) {
    throw new WorkbenchError(`${file} is ${status}: a model is published with the scores of a finished run`);
  }
  if (report.isLeaky) {
    throw new WorkbenchError(
      `${file} was scored under ${report.protocol}, which says nothing of new recordings: its model is not published`,
    );
  }
  const source = openModelFolder(bundle);
  const parts = source.has('ensemble.json') ? membersOf(source) : [source];
  const configs = parts.map((part) =>
    part.json('config.json', (json) => experimentConfig(json as ExperimentConfig)),
  );
  const hashes = record.members?.map(({ hash }) => hash) ?? [configHash(record.config)];
  if (configs.map(configHash).join() !== hashes.join()) {
    throw new WorkbenchError(`${bundle} is of another experiment than ${file}`);
  }
  const { classes } = parts[0].json('labels.json', (json) => preparationFromJson(json, ['one-hot']));
  const card = source.json('card.json', checkedCard);
  const files = new Map(source.all());
  files.set('README.md', modelCard(name, { ...record, report, data }, { classes, card, configs }));
  const bytes = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  if (bytes > largest) {
    throw new WorkbenchError(
      `${bundle} has ${(bytes / 1e6).toFixed(1)} MB, and at most ${largest / 1e6} MB are published`,
    );
  }
  const folder = join(models, name);
  writeModelFolder(folder, files);
  return { folder, bytes };
}
