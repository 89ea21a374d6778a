import { join } from 'node:path';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import { configHash, type ExperimentConfig, experimentConfig } from '../../core/config';
import { preparationFromJson } from '../../core/dataset';
import type { ConditionsReport } from '../../core/evaluation';
import { checkedCard, membersOf } from '../../core/prediction';
import { paths } from '../files';
import type { StoredRun } from '../runs';
import { formatModelCard, withConditions } from './model-card';
import { openModelFolder, writeModelFolder } from './model-folder';

/** Size limit of a published model, because git keeps every version of it. */
const maxBytes = 2e6;

/** Options of {@link publishModel}. */
export interface PublishOptions {
  /** folder of a model that the run saved */
  model: string;
  /** name of the published model: a folder in `models` */
  name: string;
  /** default `data/models/` */
  models?: string;
}

/**
 * Publishes a trained model: copies it to `data/models/`, which is committed, and adds a model card, `README.md`. Replaces a model of the
 * same name.
 *
 * @returns folder and size of the published model
 * @throws {@link InvalidArgumentError} if the name is not a valid folder name
 * @throws {@link WorkbenchError} if the run is unfinished, has no scores or used a leaky protocol, or if the model belongs to another
 *   experiment or is larger than 2 MB
 * @throws InvalidFileError if the model is damaged, or the target folder contains other files
 */
export function publishModel(
  record: StoredRun,
  { model, name, models = paths.models }: PublishOptions,
): { folder: string; bytes: number } {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    throw new InvalidArgumentError('name', 'made of lower-case letters, digits, dots and hyphens', name);
  }
  const { status, report, data, file } = record;
  if (status !== 'finished' || !report || !data) {
    throw new WorkbenchError(
      `${file}: the run must be finished and have scores, got ${status}; publish a model of a finished run`,
    );
  }
  if (report.isLeaky) {
    throw new WorkbenchError(
      `${file}: the protocol must have no leakage, got ${report.protocol}; its scores do not apply to new recordings`,
    );
  }
  const source = openModelFolder(model);
  const parts = source.has('ensemble.json') ? membersOf(source) : [source];
  const configs = parts.map((part) =>
    part.json('config.json', (json) => experimentConfig(json as ExperimentConfig)),
  );
  const hashes = record.members?.map(({ hash }) => hash) ?? [configHash(record.config)];
  if (configs.map(configHash).join() !== hashes.join()) {
    throw new WorkbenchError(`${model}: the model belongs to another experiment than ${file}`);
  }
  const { classes } = parts[0].json('labels.json', (json) => preparationFromJson(json, ['one-hot']));
  const card = source.json('card.json', checkedCard);
  const files = new Map(source.all());
  files.set('README.md', formatModelCard(name, { ...record, report, data }, { classes, card, configs }));
  const bytes = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  if (bytes > maxBytes) {
    throw new WorkbenchError(
      `${model}: a published model must have at most ${maxBytes / 1e6} MB, got ${(bytes / 1e6).toFixed(1)} MB`,
    );
  }
  const folder = join(models, name);
  writeModelFolder(folder, files);
  return { folder, bytes };
}

/**
 * Adds the scores under recording conditions to the card of a saved model, and to its README.md if it is published.
 *
 * @param folder - of the model
 * @throws InvalidFileError if the model is damaged or cannot be written
 */
export function saveConditions(folder: string, report: ConditionsReport): void {
  const source = openModelFolder(folder);
  const files = new Map(source.all());
  const card = { ...source.json('card.json', checkedCard), conditions: report };
  files.set('card.json', JSON.stringify(card, null, 2));
  const readme = files.get('README.md');
  if (readme !== undefined) {
    const text = typeof readme === 'string' ? readme : new TextDecoder().decode(readme);
    files.set('README.md', withConditions(text, card));
  }
  writeModelFolder(folder, files);
}
