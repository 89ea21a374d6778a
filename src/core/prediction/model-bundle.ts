import { join } from 'node:path';
import { type ExperimentConfig, experimentConfig } from '../config';
import { type Emotion, InvalidArgumentError, InvalidFileError, messageOf, WorkbenchError } from '../base';
import { createOneHot } from '../dataset';
import { type BundleFile, type BundleReader, openBundle, preparationFromJson, writeBundleFiles } from '../../node/models';
import { type ClassifierState, createNetwork, type Engine, readNetwork, writeNetwork } from '../network';
import { restoreBaseline } from '../../node/engine';
import { inputWithoutRows, type ModelInput, type Normaliser } from './model-input';
import type { Trained } from '../../node/experiment';

/** A trained model with all that it needs to be asked, and where its scores come from. */
export interface ModelBundle {
  config: ExperimentConfig;
  /** in the order of its answers */
  classes: readonly Emotion[];
  trained: Trained;
  normaliser: Normaliser;
  /** what its logits are divided by, from validation; 1 leaves its probabilities as they are */
  temperature: number;
  /** least probability at which its answers are to be trusted, a suggestion from validation; 0: always */
  threshold: number;
  /** what was trained on and how it scored, for people: plain data */
  card: BundleCard;
}

/** What people should know of a model; of `bundleOf`, all of it that is known. */
export interface BundleCard {
  /** clips by corpus, with validation and test */
  corpora?: Record<string, number>;
  [about: string]: unknown;
}

/**
 * Writes a bundle as a folder: `config.json`, `labels.json`, `scaler.json`, `card.json`, and `model.json` with `weights.bin`
 * (TensorFlow.js's layers format) or `classifier.json`; `bundle.json` has the SHA-256 of each. Whole or not at all.
 *
 * @param folder - is made; one that is a bundle already is replaced
 * @throws {@link InvalidFileError} if the folder is there and holds anything else
 */
export async function saveBundle(
  engine: Pick<Engine, 'tf'>,
  folder: string,
  bundle: ModelBundle,
): Promise<void> {
  writeBundleFiles(folder, await filesOf(engine, bundle));
}

/** The files of a bundle. */
export async function filesOf(
  { tf }: Pick<Engine, 'tf'>,
  bundle: ModelBundle,
): Promise<Map<BundleFile, string | Uint8Array>> {
  const { config, classes, trained, normaliser, temperature, threshold, card } = bundle;
  const files = new Map<BundleFile, string | Uint8Array>([
    ['config.json', JSON.stringify(config, null, 2)],
    ['labels.json', JSON.stringify({ ...createOneHot(classes).toJSON(), temperature, threshold })],
    ['scaler.json', JSON.stringify(normaliser)],
    ['card.json', JSON.stringify(card, null, 2)],
  ]);
  if ('network' in trained) {
    const { json, weights } = await writeNetwork(tf, trained.network.model);
    files.set('model.json', json).set('weights.bin', weights);
  } else files.set('classifier.json', JSON.stringify(trained.classifier));
  return files;
}

/**
 * Reads a bundle of one model. Nothing in it is run as code.
 *
 * @throws {@link InvalidFileError} that names the file and says what is missing, damaged, of another version or does not fit; or
 *   that it is of several models, which `loadModel` reads
 */
export async function loadBundle(engine: Engine, folder: string): Promise<ModelBundle> {
  const files = openBundle(folder);
  if (files.has('ensemble.json'))
    throw new InvalidFileError(folder, 'it is an ensemble of several models: loadModel reads it');
  return readBundle(engine, files);
}

/** Reads one model from its files. */
export async function readBundle(engine: Engine, files: BundleReader): Promise<ModelBundle> {
  const config = files.json('config.json', (json) => experimentConfig(json as ExperimentConfig));
  const labels = files.json('labels.json', (json) => ({
    classes: preparationFromJson(json, ['one-hot']).classes,
    ...checkedAnswering(json),
  }));
  const input = inputWithoutRows(config);
  const normaliser = files.json('scaler.json', (json) => {
    const scaler = preparationFromJson(json, ['standard', 'per speaker']);
    const { mean } = scaler.kind === 'standard' ? scaler : scaler.others;
    requireSame('its columns', mean.length, input.columns);
    return scaler;
  });
  const trained = files.has('model.json')
    ? await readTrainedNetwork(engine, files, labels.classes, input, join(files.folder, 'model.json'))
    : files.json('classifier.json', (json): Trained => {
        const state = json as ClassifierState;
        requireSame('its classes', state.classes, labels.classes.length);
        requireSame('its values a row', state.rowSize, input.columns);
        return { classifier: restoreBaseline(state, engine.tf) };
      });
  const card = files.json('card.json', checkedCard);
  return { config, ...labels, trained, normaliser, card };
}

async function readTrainedNetwork(
  engine: Engine,
  files: BundleReader,
  classes: readonly Emotion[],
  { inputShape }: Pick<ModelInput, 'inputShape'>,
  path: string,
): Promise<Trained> {
  const json = files.json('model.json', (topology) => JSON.stringify(topology));
  const weights = files.bytes('weights.bin');
  try {
    const model = await readNetwork(engine.tf, { json, weights });
    requireSame('its classes', model.outputs[0].shape[1], classes.length);
    requireSame('its input', model.inputs[0].shape.slice(1).join(' × '), inputShape.join(' × '));
    return { network: createNetwork(engine, model) };
  } catch (error) {
    throw new InvalidFileError(path, messageOf(error));
  }
}

/** @throws {@link WorkbenchError} if it is none */
export function checkedCard(json: unknown): BundleCard {
  const card = json as BundleCard | null;
  if (typeof card === 'object' && card !== null && typeof (card.corpora ?? {}) === 'object') return card;
  throw new WorkbenchError('it is no card: an object, with the corpora if it names them');
}

/** @throws {@link InvalidArgumentError} if temperature or threshold break their rule */
export function checkedAnswering(json: unknown): Pick<ModelBundle, 'temperature' | 'threshold'> {
  const { temperature, threshold } = json as Pick<ModelBundle, 'temperature' | 'threshold'>;
  if (!(temperature > 0 && temperature < Infinity))
    throw new InvalidArgumentError('temperature', 'a positive number', temperature);
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  return { temperature, threshold };
}

/** Parts of a bundle that were each saved whole must be of one model, too. */
function requireSame(what: string, is: number | string | null, others: number | string): void {
  if (is !== others)
    throw new WorkbenchError(`it does not fit the rest: ${what}: ${is}, those of the bundle: ${others}`);
}
