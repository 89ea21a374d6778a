import { type Emotion, InvalidArgumentError, InvalidFileError, messageOf, WorkbenchError } from '../base';
import { type ExperimentConfig, experimentConfig } from '../config';
import { createOneHot, preparationFromJson } from '../dataset';
import {
  type Classifier,
  type ClassifierState,
  createNetwork,
  type Engine,
  readNetwork,
  restoreClassifier,
  type TensorFlow,
  writeNetwork,
} from '../network';
import { type MemberFolder, type ModelFile, type ModelFiles, type ModelReader } from './model-files';
import { inputWithoutRows, type ModelInput, type Normaliser } from './model-input';
import type { Trained } from './trained';

/** How a model's probabilities are adjusted, fitted on validation rows. */
export interface Calibrated {
  /** divides the logits; 1 leaves the probabilities unchanged */
  temperature: number;
  /** suggested minimum confidence; 0: never abstain */
  threshold: number;
}

/** One trained model with everything that prediction needs, and the origin of its scores. */
export interface SingleModel extends Calibrated {
  config: ExperimentConfig;
  /** in the order of the outputs */
  classes: readonly Emotion[];
  trained: Trained;
  normaliser: Normaliser;
  /** training data, scores and limits: plain data */
  card: ModelCard;
}

/** Several models that predict as one, by the mean of their calibrated probabilities. */
export interface EnsembleModel extends Calibrated {
  /** models with the same classes and protocol; features and windows may differ */
  members: readonly SingleModel[];
  /** of the whole; each member has its own */
  card: ModelCard;
}

/** A trained model that a predictor can use: a single model or an ensemble. */
export type Model = SingleModel | EnsembleModel;

/** Training data, scores and limits of a model, for its users. `modelOf` fills in everything that is known. */
export interface ModelCard {
  /** clips by corpus, including validation and test */
  corpora?: Record<string, number>;
  [about: string]: unknown;
}

/** Restores a classifier from its saved state. */
export type RestoreClassifier = (state: ClassifierState, tf: TensorFlow) => Classifier;

export function isEnsemble(model: Model): model is EnsembleModel {
  return 'members' in model;
}

/**
 * The files of a saved model: `config.json`, `labels.json`, `scaler.json`, `card.json`, and `model.json` with `weights.bin`
 * (TensorFlow.js layers format) or `classifier.json`. An ensemble has `ensemble.json`, `card.json`, and a folder for each member.
 */
export async function modelFiles(engine: Pick<Engine, 'tf'>, model: Model): Promise<ModelFiles> {
  if (!isEnsemble(model)) return singleModelFiles(engine, model);
  const { members, temperature, threshold, card } = model;
  const files = new Map<string, string | Uint8Array>([
    ['ensemble.json', JSON.stringify({ members: members.length, temperature, threshold })],
    ['card.json', JSON.stringify(card, null, 2)],
  ]);
  for (const [i, member] of members.entries())
    for (const [name, content] of await singleModelFiles(engine, member))
      files.set(memberFolder(i) + name, content);
  return files as ModelFiles;
}

const memberFolder = (i: number): MemberFolder => `member-${i + 1}/`;

async function singleModelFiles(
  { tf }: Pick<Engine, 'tf'>,
  { config, classes, trained, normaliser, temperature, threshold, card }: SingleModel,
): Promise<Map<ModelFile, string | Uint8Array>> {
  const files = new Map<ModelFile, string | Uint8Array>([
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
 * Restores a model from its files. Nothing in them is executed.
 *
 * @param restore - for models without a network; default KNN and majority (SVM needs Node)
 * @throws {@link InvalidFileError} that names the file and states whether it is missing, damaged, of another version or inconsistent
 */
export async function modelFromFiles(
  engine: Engine,
  files: ModelReader,
  restore: RestoreClassifier = restoreClassifier,
): Promise<Model> {
  if (!files.has('ensemble.json')) return singleModelFrom(engine, files, restore);
  const members: SingleModel[] = [];
  for (const part of membersOf(files)) members.push(await singleModelFrom(engine, part, restore));
  const calibrated = files.json('ensemble.json', checkedCalibration);
  return { members, ...calibrated, card: files.json('card.json', checkedCard) };
}

/** The files of each member of a saved ensemble. */
export function membersOf(files: ModelReader): ModelReader[] {
  const count = files.json('ensemble.json', (json) => {
    const { members } = json as { members?: unknown };
    if (Number.isSafeInteger(members) && (members as number) > 0) return members as number;
    throw new WorkbenchError(`members must be a positive integer, got ${JSON.stringify(members)}`);
  });
  return Array.from({ length: count }, (_, i) => files.member(memberFolder(i)));
}

async function singleModelFrom(
  engine: Engine,
  files: ModelReader,
  restore: RestoreClassifier,
): Promise<SingleModel> {
  const config = files.json('config.json', (json) => experimentConfig(json as ExperimentConfig));
  const labels = files.json('labels.json', (json) => ({
    classes: preparationFromJson(json, ['one-hot']).classes,
    ...checkedCalibration(json),
  }));
  const input = inputWithoutRows(config);
  const normaliser = files.json('scaler.json', (json) => {
    const scaler = preparationFromJson(json, ['standard', 'per speaker']);
    const { mean } = scaler.kind === 'standard' ? scaler : scaler.others;
    requireEqual('columns', mean.length, input.columns);
    return scaler;
  });
  const trained = files.has('model.json')
    ? await networkFrom(engine, files, labels.classes, input)
    : files.json('classifier.json', (json): Trained => {
        const state = json as ClassifierState;
        requireEqual('classes', state.classes, labels.classes.length);
        requireEqual('values per row', state.rowSize, input.columns);
        return { classifier: restore(state, engine.tf) };
      });
  const card = files.json('card.json', checkedCard);
  return { config, ...labels, trained, normaliser, card };
}

async function networkFrom(
  engine: Engine,
  files: ModelReader,
  classes: readonly Emotion[],
  { inputShape }: Pick<ModelInput, 'inputShape'>,
): Promise<Trained> {
  const json = files.json('model.json', (topology) => JSON.stringify(topology));
  const weights = files.bytes('weights.bin');
  try {
    const model = await readNetwork(engine.tf, { json, weights });
    requireEqual('classes', model.outputs[0].shape[1], classes.length);
    requireEqual('input shape', model.inputs[0].shape.slice(1).join(' × '), inputShape.join(' × '));
    return { network: createNetwork(engine, model) };
  } catch (error) {
    throw new InvalidFileError(`${files.folder}/model.json`, messageOf(error));
  }
}

/** @throws {@link WorkbenchError} if it is not a card */
export function checkedCard(json: unknown): ModelCard {
  const card = json as ModelCard | null;
  if (typeof card === 'object' && card !== null && typeof (card.corpora ?? {}) === 'object') return card;
  throw new WorkbenchError('a model card must be an object, and so must its corpora, if any');
}

function checkedCalibration(json: unknown): Calibrated {
  const { temperature, threshold } = json as Calibrated;
  if (!(temperature > 0 && temperature < Infinity))
    throw new InvalidArgumentError('temperature', 'a positive number', temperature);
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  return { temperature, threshold };
}

/** Files that were saved separately must belong to the same model. */
function requireEqual(what: string, here: number | string | null, elsewhere: number | string): void {
  if (here !== elsewhere)
    throw new WorkbenchError(`it has ${what} ${here}, but the other files of the model have ${elsewhere}`);
}
