import { type Emotion, InvalidArgumentError, InvalidFileError, messageOf, WorkbenchError } from '../base';
import { type ExperimentConfig, experimentConfig } from '../config';
import { checkedTrainingRecord, createOneHot, preparationFromJson, type TrainingRecord } from '../dataset';
import {
  baselineKinds,
  checkTopology,
  type Classifier,
  type ClassifierState,
  createNetwork,
  type Engine,
  readNetwork,
  restoreClassifier,
  type TensorFlow,
  writeNetwork,
} from '../network';
import {
  checkedCard,
  type MemberFolder,
  type ModelCard,
  type ModelFile,
  type ModelFiles,
  type ModelReader,
  mostMembers,
} from './model-files';
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
  /** the clips it was trained on; absent in older models, and in members of an ensemble */
  training?: TrainingRecord;
}

/** Several models that predict as one, by the mean of their calibrated probabilities. */
export interface EnsembleModel extends Calibrated {
  /** models with the same classes and protocol; features and windows may differ */
  members: readonly SingleModel[];
  /** of the whole; each member has its own */
  card: ModelCard;
  /** the clips that the members were trained on; absent in older models */
  training?: TrainingRecord;
}

/** A trained model that a predictor can use: a single model or an ensemble. */
export type Model = SingleModel | EnsembleModel;

/** Restores a classifier from its saved state. */
export type RestoreClassifier = (state: ClassifierState, tf: TensorFlow) => Classifier;

export function isEnsemble(model: Model): model is EnsembleModel {
  return 'members' in model;
}

/** The members of an ensemble, or the model itself. */
export const singlesOf = (model: Model): readonly SingleModel[] =>
  isEnsemble(model) ? model.members : [model];

/**
 * The files of a saved model: `config.json`, `labels.json`, `scaler.json`, `card.json`, and `model.json` with `weights.bin`
 * (TensorFlow.js layers format) or `classifier.json`. An ensemble has `ensemble.json`, `card.json`, and a folder for each member. Both
 * may have `training.json`, which lists the training clips.
 */
export async function modelFiles(engine: Pick<Engine, 'tf'>, model: Model): Promise<ModelFiles> {
  const record: [ModelFile, string][] = model.training
    ? [['training.json', JSON.stringify(model.training)]]
    : [];
  if (!isEnsemble(model)) return new Map([...(await singleModelFiles(engine, model)), ...record]);
  const { members, temperature, threshold, card } = model;
  if (members.length > mostMembers)
    throw new InvalidArgumentError('members', `at most ${mostMembers} models`, members.length);
  const files = new Map<string, string | Uint8Array>([
    ['ensemble.json', JSON.stringify({ members: members.length, temperature, threshold })],
    ['card.json', JSON.stringify(card, null, 2)],
    ...record,
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
  const calibrated = files.json('ensemble.json', checkedCalibration);
  const card = files.json('card.json', checkedCard);
  const training = trainingFrom(files);
  const members: SingleModel[] = [];
  try {
    for (const part of membersOf(files)) {
      const member = await singleModelFrom(engine, part, restore);
      members.push(member);
      const [first] = members;
      const facts = ({ classes, config: { dataset } }: SingleModel): string =>
        `${classes.join(', ')} (protocol ${dataset.protocol}, normalisation ${dataset.normalisation})`;
      if (facts(member) !== facts(first))
        throw new InvalidFileError(
          `${part.folder}/labels.json`,
          `all members must have the classes ${facts(first)}, got ${facts(member)}`,
        );
    }
    return { members, ...calibrated, card, ...training };
  } catch (error) {
    members.forEach(disposeModel);
    throw error;
  }
}

/** Frees the memory of a model's weights. The model cannot be used afterwards. */
export function disposeModel(model: Model): void {
  if (isEnsemble(model)) model.members.forEach(disposeModel);
  else if ('network' in model.trained) model.trained.network.model.dispose();
}

/** The files of each member of a saved ensemble. */
export function membersOf(files: ModelReader): ModelReader[] {
  const count = files.json('ensemble.json', (json) => {
    const { members } = checkedObject(json);
    if (Number.isSafeInteger(members) && (members as number) > 0 && (members as number) <= mostMembers)
      return members as number;
    throw new InvalidArgumentError('members', `an integer from 1 to ${mostMembers}`, members);
  });
  return Array.from({ length: count }, (_, i) => files.member(memberFolder(i)));
}

async function singleModelFrom(
  engine: Engine,
  files: ModelReader,
  restore: RestoreClassifier,
): Promise<SingleModel> {
  const config = files.json('config.json', checkedConfig);
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
  const card = files.json('card.json', checkedCard);
  const training = trainingFrom(files);
  const isNetwork = files.has('model.json');
  requireKind(files.folder, config, isNetwork);
  const trained = isNetwork
    ? await networkFrom(engine, files, labels.classes, input)
    : files.json('classifier.json', (json): Trained => {
        const state = checkedObject(json) as ClassifierState;
        requireEqual('classes', state.classes, labels.classes.length);
        requireEqual('values per row', state.rowSize, input.columns);
        return { classifier: restore(state, engine.tf) };
      });
  return { config, ...labels, trained, normaliser, card, ...training };
}

const trainingFrom = (files: ModelReader): Pick<SingleModel, 'training'> =>
  files.has('training.json') ? { training: files.json('training.json', checkedTrainingRecord) } : {};

/** The kind of model determines the layout of its input, so a network needs a config of a network. */
function requireKind(folder: string, { model: { kind } }: ExperimentConfig, isNetwork: boolean): void {
  if (isNetwork === !(baselineKinds as readonly string[]).includes(kind)) return;
  const file = isNetwork ? 'model.json' : 'classifier.json';
  throw new InvalidFileError(`${folder}/config.json`, `model.kind is ${kind}, but the model has a ${file}`);
}

async function networkFrom(
  engine: Engine,
  files: ModelReader,
  classes: readonly Emotion[],
  { inputShape }: Pick<ModelInput, 'inputShape'>,
): Promise<Trained> {
  const weights = files.bytes('weights.bin');
  const topology = files.json('model.json', (json) => {
    const checked = checkTopology(json, weights.length);
    requireEqual('classes', checked.classes, classes.length);
    requireEqual('input shape', checked.inputShape.join(' × '), inputShape.join(' × '));
    return checked;
  });
  let model: Awaited<ReturnType<typeof readNetwork>> | undefined;
  try {
    model = await readNetwork(engine.tf, topology, weights);
    return { network: createNetwork(engine, model) };
  } catch (error) {
    model?.dispose();
    throw new InvalidFileError(`${files.folder}/weights.bin`, messageOf(error));
  }
}

function checkedConfig(json: unknown): ExperimentConfig {
  const { name } = checkedObject(json);
  if (typeof name !== 'string') throw new InvalidArgumentError('name', 'the name of a preset', name);
  return experimentConfig(json as ExperimentConfig);
}

function checkedObject(json: unknown): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw new WorkbenchError('it must contain an object');
}

/** Temperature and threshold of a saved model. @throws {@link InvalidArgumentError} if one is out of range */
export function checkedCalibration(json: unknown): Calibrated {
  const { temperature, threshold } = checkedObject(json) as Partial<Record<keyof Calibrated, number>>;
  const isNumber = (value: unknown): value is number => typeof value === 'number';
  // Fitted temperatures lie between 0.02 and 50.
  if (!isNumber(temperature) || !(temperature >= 0.01 && temperature <= 100))
    throw new InvalidArgumentError('temperature', 'a positive number, 0.01 to 100', temperature);
  if (!isNumber(threshold) || !(threshold >= 0 && threshold <= 1))
    throw new InvalidArgumentError('threshold', 'a probability from 0 to 1', threshold);
  return { temperature, threshold };
}

/** Files that were saved separately must belong to the same model. */
function requireEqual(what: string, here: unknown, elsewhere: number | string): void {
  if (here !== elsewhere)
    throw new WorkbenchError(
      `it has ${what} ${String(here).slice(0, 100)}, but the other files of the model have ${elsewhere}`,
    );
}
