import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ExperimentConfig, experimentConfig } from '../config';
import type { Emotion } from '../corpora';
import { createOneHot, preparationFromJson } from '../dataset';
import { createNetwork, type Engine } from '../engine';
import { InvalidFileError, messageOf } from '../errors';
import { type ClassifierState, readNetwork, restoreBaseline, writeNetwork } from '../models';
import type { Normaliser } from './model-input';
import type { Trained } from './train-split';

/** A trained model with all that it needs to be asked, and where its scores come from. */
export interface ModelBundle {
  config: ExperimentConfig;
  /** in the order of its answers */
  classes: readonly Emotion[];
  trained: Trained;
  normaliser: Normaliser;
  /** what its logits are divided by, from validation; 1 leaves its probabilities as they are */
  temperature: number;
  /** what was trained on and how it scored, for people: plain data */
  card: Record<string, unknown>;
}

/** `bundle.json`. */
interface Inventory {
  version: number;
  sha256: Record<string, string>;
}

/** To be raised when an older program could not read what is written. */
const version = 1;

/**
 * Writes a bundle as a folder: `config.json`, `labels.json`, `scaler.json`, `card.json`, and `model.json` with `weights.bin`
 * (TensorFlow.js's layers format) or `classifier.json`; `bundle.json` has the SHA-256 of each. Whole or not at all.
 *
 * @param folder - is made; one that is a bundle already is replaced
 * @throws {@link InvalidFileError} if the folder is there and is no bundle
 */
export async function saveBundle(engine: Engine, folder: string, bundle: ModelBundle): Promise<void> {
  const { config, classes, trained, normaliser, temperature, card } = bundle;
  const files = new Map<string, string | Uint8Array>([
    ['config.json', JSON.stringify(config, null, 2)],
    ['labels.json', JSON.stringify({ ...createOneHot(classes).toJSON(), temperature })],
    ['scaler.json', JSON.stringify(normaliser)],
    ['card.json', JSON.stringify(card, null, 2)],
  ]);
  if ('network' in trained) {
    const { json, weights } = await writeNetwork(engine.tf, trained.network.model);
    files.set('model.json', json).set('weights.bin', weights);
  } else files.set('classifier.json', JSON.stringify(trained.classifier));
  const sha256 = Object.fromEntries([...files].map(([name, content]) => [name, hash(content)]));

  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  if (isThere && !readdirSync(folder).includes('bundle.json') && readdirSync(folder).length > 0)
    throw new InvalidFileError(folder, 'it is there, and is no model bundle that could be replaced');
  const unfinished = join(dirname(folder), `.${basename(folder)}.${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(unfinished, name), content);
  writeFileSync(join(unfinished, 'bundle.json'), JSON.stringify({ version, sha256 }, null, 2));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

/**
 * Reads a bundle. Nothing in it is run as code.
 *
 * @throws {@link InvalidFileError} that names the file and says what is missing, damaged, of another version or does not fit
 */
export async function loadBundle(engine: Engine, folder: string): Promise<ModelBundle> {
  const read = (name: string): Buffer => {
    const path = join(folder, name);
    try {
      return readFileSync(path);
    } catch {
      throw new InvalidFileError(path, 'it is missing: this is no model bundle, or not all of one');
    }
  };
  const inventory = parse(join(folder, 'bundle.json'), read('bundle.json')) as Inventory;
  if (inventory.version !== version) {
    const reason = `it is of version ${String(inventory.version)}, and this program reads version ${version}`;
    throw new InvalidFileError(join(folder, 'bundle.json'), reason);
  }
  const checked = (name: string): Buffer => {
    const content = read(name);
    if (hash(content) !== inventory.sha256[name])
      throw new InvalidFileError(join(folder, name), 'it is not what was saved: its SHA-256 differs');
    return content;
  };
  const json = (name: string): unknown => parse(join(folder, name), checked(name));
  try {
    const config = experimentConfig(json('config.json') as ExperimentConfig);
    const labels = json('labels.json') as { temperature: number };
    const { classes } = preparationFromJson(labels, ['one-hot']);
    const normaliser = preparationFromJson(json('scaler.json'), ['standard', 'per speaker']);
    let trained: Trained;
    if ('model.json' in inventory.sha256) {
      const files = { json: checked('model.json').toString(), weights: checked('weights.bin') };
      const model = await readNetwork(engine.tf, files);
      const outputs = model.outputs[0].shape[1];
      if (outputs !== classes.length)
        throw new InvalidFileError(
          folder,
          `its network tells ${outputs} classes apart, its labels are ${classes.length}`,
        );
      trained = { network: createNetwork(engine, model) };
    } else trained = { classifier: restoreBaseline(json('classifier.json') as ClassifierState, engine.tf) };
    return {
      config,
      classes,
      trained,
      normaliser,
      temperature: labels.temperature,
      card: json('card.json') as ModelBundle['card'],
    };
  } catch (error) {
    if (error instanceof InvalidFileError) throw error;
    throw new InvalidFileError(folder, messageOf(error));
  }
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

function parse(path: string, content: Buffer): unknown {
  try {
    return JSON.parse(content.toString()) as unknown;
  } catch {
    throw new InvalidFileError(path, 'it is no JSON');
  }
}
