import * as z from 'zod/mini';
import { nearestName } from '../base';
import { protocolNames, targetNames } from '../dataset';
import {
  type Equal,
  featureOptions,
  type Option,
  option,
  type OptionTypes,
  UnknownNameError,
} from '../features';
import {
  type ExperimentConfig,
  headNames,
  modelKinds,
  normalisationNames,
  optimizerNames,
  type OptionPath,
  scheduleNames,
  testVersionNames,
} from './experiment';

const seed = (description: string) =>
  option.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, { default: 42, description });

const labelsSchema = z.nullable(z.record(z.string(), z.record(z.string(), z.nullable(z.string()))));

/** The declared options of an experiment, except for its features, in the order in which a config is printed and hashed. */
const experimentOptions = {
  corpora: option.names({ default: 'all', or: 'all', description: 'corpora by name' }),
  labels: option.structure(
    'null, or an object with a corpus or * as keys and { label: class, or null to leave it out } as values',
    labelsSchema,
    { default: null, description: 'classes by corpus and label; null for the seven emotions' },
  ),
  'dataset.protocol': option.choice(protocolNames, {
    default: 'speakers',
    description: 'how clips are split into training and test',
  }),
  'dataset.folds': option.integer(2, 1000, {
    default: 5,
    description: 'folds of the protocols clips, speakers and speakers+sentences',
  }),
  'dataset.fold': option.name({
    default: 'all',
    or: 'all',
    description: 'the fold to train: its number, or its name, for example SAVEE',
  }),
  'dataset.trainOn': option.names({
    default: 'others',
    or: 'others',
    description: 'corpora that cross-corpus trains on; others: all that it does not test on',
  }),
  'dataset.testOn': option.names({
    default: 'none',
    or: 'none',
    description: 'corpora that cross-corpus tests on',
  }),
  'dataset.seed': seed('seed of the splits'),
  'dataset.validationShare': option.number(0, 0.5, {
    default: 0.1,
    description: 'target share of the training clips for validation; the audit states the actual share',
  }),
  'dataset.normalisation': option.choice(normalisationNames, {
    default: 'train',
    description: "rows that the scaler is fitted on: the training rows, or each speaker's own",
    sweep: normalisationNames,
  }),
  'dataset.trainVersions': option.names({
    default: 'all',
    or: 'all',
    description: 'versions of the training clips to train on',
  }),
  'dataset.testVersions': option.choice(testVersionNames, {
    default: 'original',
    description: 'versions of held-out clips to predict; trained averages over those used in training',
    sweep: testVersionNames,
  }),
  'model.kind': option.choice(modelKinds, {
    default: 'compact',
    description: 'kind of model',
    sweep: ['compact', 'lstm', 'cnn-lstm'],
  }),
  'model.width': option.integer(1, 4096, {
    default: 128,
    unit: 'channels',
    description: 'first layers of compact and log-mel',
    sweep: [32, 64, 128],
  }),
  'model.head': option.choice(headNames, {
    default: 'pool',
    description: 'last layers of compact and log-mel; flatten: of compact only',
    sweep: headNames,
  }),
  'model.dropout': option.number(0, 2, {
    default: 1,
    description: "factor on the model's dropout rates",
    sweep: { uniform: [0.5, 1.5] },
  }),
  'model.neighbours': option.integer(1, 10_000, {
    default: 5,
    description: 'neighbours of knn',
    sweep: { integer: [1, 25] },
  }),
  'model.svmC': option.number(1e-6, 1e6, {
    default: 1,
    description: 'penalty of a misclassified row in svm',
    sweep: { logUniform: [0.1, 100] },
  }),
  'model.svmGamma': option.number(1e-6, 1e6, {
    default: 'scale',
    or: 'scale',
    description: 'coefficient of the RBF kernel of svm; scale is 1 / (columns · variance)',
    sweep: { logUniform: [1e-4, 1] },
  }),
  'training.epochs': option.integer(1, 10_000, {
    default: 15,
    description: 'passes over the training rows',
    sweep: { integer: [5, 40] },
  }),
  'training.batchSize': option.integer(1, 65_536, {
    default: 64,
    description: 'rows per training step',
    sweep: [32, 64, 128],
  }),
  'training.optimizer': option.choice(optimizerNames, {
    default: 'adamw',
    description: 'optimizer',
    sweep: optimizerNames,
  }),
  'training.learningRate': option.number(1e-9, 100, {
    default: 3e-3,
    description: 'peak learning rate of the schedule',
    sweep: { logUniform: [1e-4, 1e-2] },
  }),
  'training.schedule': option.choice(scheduleNames, {
    default: 'one-cycle',
    description: 'learning rate over the course of training',
    sweep: ['constant', 'one-cycle', 'cosine'],
  }),
  'training.plateau.factor': option.number(0.001, 0.999, {
    default: 0.5,
    description: 'factor on the learning rate at a plateau',
    sweep: { uniform: [0.2, 0.8] },
  }),
  'training.plateau.patience': option.integer(1, 10_000, {
    default: 3,
    unit: 'epochs',
    description: 'epochs without improvement before the learning rate is reduced',
    sweep: { integer: [2, 5] },
  }),
  'training.plateau.minimum': option.number(0, 1, {
    default: 1e-5,
    description: 'smallest learning rate of the schedule plateau',
  }),
  'training.weightDecay': option.number(0, 100, {
    default: 0.01,
    description: 'decoupled weight decay, per step and unit of learning rate',
    sweep: { logUniform: [1e-4, 0.1] },
  }),
  'training.labelSmoothing': option.number(0, 0.99, {
    default: 0.1,
    description: 'share of the target that is spread over all classes',
    sweep: { uniform: [0, 0.2] },
  }),
  'training.classWeights': option.choice(['none', 'balanced'], {
    default: 'none',
    description: 'weight of each class in the loss; balanced is its inverse frequency',
    sweep: ['none', 'balanced'],
  }),
  'training.target': option.choice(targetNames, {
    default: 'intended',
    description: "what networks learn where there are listeners' votes: acted class, majority, or all votes",
    sweep: targetNames,
  }),
  'training.clipNorm': option.number(1e-6, 1e6, {
    default: null,
    or: null,
    description: 'largest gradient norm; null for no clipping',
    sweep: [null, 1, 5],
  }),
  'training.earlyStopping': option.integer(1, 10_000, {
    default: null,
    or: null,
    unit: 'epochs',
    description: 'epochs without improvement before training stops; null for never',
  }),
  // The default schedule ends with a low learning rate, and few speakers are held out for validation: too few to select an epoch.
  'training.monitor': option.choice(['valLoss', 'valAccuracy', 'valUar', 'last'], {
    default: 'last',
    description: 'metric that selects the epoch to keep; last keeps the last epoch',
    sweep: ['valUar', 'last'],
  }),
  'training.versionsPerEpoch': option.integer(1, 32, {
    default: null,
    or: null,
    description: 'versions of each training clip that an epoch uses, drawn at random; null for all',
    sweep: [null, 1, 2],
  }),
  'training.originalShare': option.number(0, 1, {
    default: null,
    or: null,
    description: 'share of epochs that draw the original of a clip; null for as often as any other version',
    sweep: [null, 0.35],
  }),
  'training.mixup': option.number(0, 100, {
    default: 0,
    description: 'parameter α of the Beta distribution of mixup; 0 for no mixup',
    sweep: { uniform: [0, 0.4] },
  }),
  'training.timeMask': option.integer(0, 100_000, {
    default: 0,
    unit: 'frames',
    description: 'longest run of frames masked at random; 0 for no masking',
    sweep: [0, 8, 16],
  }),
  'training.frequencyMask': option.integer(0, 10_000, {
    default: 0,
    unit: 'coefficients',
    description: 'widest band of coefficients masked at random; 0 for no masking',
    sweep: [0, 2, 4],
  }),
  seed: seed('seed of initial weights, row order and dropout'),
};

/** The type of the option at a path of a config. */
type ValueAt<T, Path extends string> = Path extends `${infer Group extends keyof T & string}.${infer Rest}`
  ? ValueAt<T[Group], Rest>
  : Path extends keyof T
    ? T[Path]
    : never;
type ExperimentPath = Exclude<OptionPath, `features.${string}`>;
true satisfies Equal<
  OptionTypes<typeof experimentOptions>,
  { [Path in ExperimentPath]: ValueAt<ExperimentConfig, Path> }
>;

const { corpora, labels, ...others } = experimentOptions;
const options = new Map(
  Object.entries({
    corpora,
    labels,
    ...Object.fromEntries(Object.entries(featureOptions).map(([name, one]) => [`features.${name}`, one])),
    ...others,
  }),
) as ReadonlyMap<OptionPath, Option<unknown>>;

/** All option paths, in the order in which a config is printed. */
export const optionPaths: readonly OptionPath[] = [...options.keys()];

/** The declared defaults, with the paper's features: presets change some of them. */
export const defaultConfig: Readonly<Omit<ExperimentConfig, 'name'>> = nestedDefaults();

/** A declared option, as help texts, documentation and notebook controls show it. */
export interface OptionDescription extends Omit<Option<unknown>, 'schema'> {
  path: OptionPath;
  /** 1 for integers */
  step?: number;
}

/**
 * Describes an option: type, range, default, meaning and sweep range.
 *
 * @throws `UnknownNameError` with the nearest option
 * @example
 * ```ts
 * const { min, max, step } = describeOption('training.epochs'); // 1, 10000, 1
 * ```
 */
export function describeOption(path: OptionPath): OptionDescription {
  checkPath(path);
  const description: Partial<Option<unknown>> & OptionDescription = { path, ...declarationOf(path) };
  delete description.schema;
  if (description.type === 'integer') description.step = 1;
  return structuredClone(description);
}

/**
 * Checks that an option exists.
 *
 * @throws `UnknownNameError` with the nearest option
 */
export function checkPath(path: string): asserts path is OptionPath {
  if (options.has(path as OptionPath)) return;
  const groups = [...new Set(optionPaths.map((known) => known.split('.')[0]))];
  const inGroup = optionPaths.filter((known) => known.startsWith(`${path.split('.')[0]}.`));
  const isGroup = groups.includes(path);
  const near = isGroup ? undefined : (nearestOf(path, inGroup) ?? nearestOf(path, optionPaths));
  throw new UnknownNameError('option', path, inGroup.length > 0 ? inGroup : groups, near ?? null);
}

/** The option with the most similar last part: `epoch` is near `training.epochs`. */
function nearestOf(path: string, candidates: readonly OptionPath[]): OptionPath | undefined {
  const lastPart = (text: string) => text.slice(text.lastIndexOf('.') + 1);
  const near = nearestName(lastPart(path), candidates.map(lastPart));
  return candidates.find((candidate) => lastPart(candidate) === near);
}

/** @throws `InvalidArgumentError` if the value breaks the option's rule */
export function checkValue(path: OptionPath, value: unknown): void {
  option.checkOption(path, declarationOf(path), value);
}

/** The declaration of an existing option. */
export function declarationOf(path: OptionPath): Option<unknown> {
  return options.get(path)!;
}

/** Sets the option at a path, and creates the groups above it. */
export function setOption(config: object, path: OptionPath, value: unknown): void {
  const groups = path.split('.');
  const key = groups.pop()!;
  const group = groups.reduce(
    (outer, name) => (outer[name] ??= {}) as Record<string, unknown>,
    config as Record<string, unknown>,
  );
  group[key] = value;
}

function nestedDefaults(): Omit<ExperimentConfig, 'name'> {
  // Only features that differ from the paper's are part of a config.
  const config = { corpora: corpora.default, labels: labels.default, features: {} };
  for (const [path, { default: value }] of Object.entries<Option<unknown>>(others)) {
    setOption(config, path as OptionPath, value);
  }
  return config as unknown as Omit<ExperimentConfig, 'name'>;
}
