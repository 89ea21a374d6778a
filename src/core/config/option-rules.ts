import { formatCount, InvalidArgumentError } from '../base';
import { checkLabelMap } from '../dataset';
import { columnNames, featureConfig, type FeatureConfig, frameCount, UnknownNameError } from '../features';
import { type ExperimentConfig, type ModelConfig, modelLayouts, scheduleNames } from './experiment';

/**
 * Checks the rules between options.
 *
 * @throws {@link InvalidArgumentError} that names the option to change
 */
export function checkTogether({
  corpora,
  labels,
  features,
  dataset,
  model,
  training,
}: ExperimentConfig): void {
  if (labels !== null) checkLabelMap(labels);
  const whole = checkedFeatures(features);
  const { versions } = whole;
  checkModelFits(model, whole);
  const { protocol, trainVersions, testVersions } = dataset;
  checkFold(dataset);
  checkCorpora(corpora, dataset);
  const { monitor, earlyStopping, schedule, target, versionsPerEpoch, originalShare } = training;
  if (target !== 'intended' && modelLayouts[model.kind] === 'functionals')
    throw new InvalidArgumentError(
      'training.target',
      `intended with model.kind ${model.kind}, which is not a network`,
      target,
    );
  if (originalShare !== null && versionsPerEpoch === null)
    throw new InvalidArgumentError(
      'training.originalShare',
      'null with training.versionsPerEpoch null, which uses every version in every epoch',
      originalShare,
    );
  const why = 'with training.monitor last, which counts every epoch as an improvement';
  if (monitor === 'last' && earlyStopping !== null)
    throw new InvalidArgumentError('training.earlyStopping', `null ${why}`, earlyStopping);
  if (monitor === 'last' && schedule === 'plateau') {
    const allowed = scheduleNames.filter((name) => name !== 'plateau').join(', ');
    throw new InvalidArgumentError('training.schedule', `one of ${allowed} ${why}`, schedule);
  }
  if (protocol === 'paper-rows' && testVersions !== 'original') {
    throw new InvalidArgumentError(
      'dataset.testVersions',
      'original with the protocol paper-rows, which tests each version as a separate row',
      testVersions,
    );
  }
  for (const name of trainVersions === 'all' ? [] : trainVersions) {
    if (!Object.hasOwn(versions, name)) {
      throw new InvalidArgumentError(
        'dataset.trainVersions',
        `all, or some of features.versions (${Object.keys(versions).join(', ')})`,
        name,
      );
    }
  }
}

/** Only the folds of the protocols `clips` and `speakers`, and those of a single split, are known without the clips. */
function checkFold({ protocol, fold, folds }: ExperimentConfig['dataset']): void {
  const count = { clips: folds, speakers: folds, 'paper-rows': 1, 'cross-corpus': 1 }[protocol as string];
  if (fold === 'all' || count === undefined) return;
  const number = /^[1-9]\d*$/.test(fold) ? Number(fold) : Infinity;
  if (number <= count) return;
  const numbers = count === 1 ? '1' : `an integer from 1 to ${count}`;
  throw new InvalidArgumentError('dataset.fold', `all, or ${numbers} with the protocol ${protocol}`, fold);
}

/** The rules for the corpora of the protocol `cross-corpus`. */
function checkCorpora(
  corpora: ExperimentConfig['corpora'],
  { protocol, trainOn, testOn }: ExperimentConfig['dataset'],
): void {
  if (protocol !== 'cross-corpus') {
    const given = testOn !== 'none' ? 'testOn' : trainOn !== 'others' ? 'trainOn' : undefined;
    if (given === undefined) return;
    const remedy = 'set dataset.protocol=cross-corpus';
    throw new InvalidArgumentError(
      `dataset.${given}`,
      `${given === 'testOn' ? 'none' : 'others'} with the protocol ${protocol}`,
      given === 'testOn' ? testOn : trainOn,
      remedy,
    );
  }
  if (testOn === 'none')
    throw new InvalidArgumentError(
      'dataset.testOn',
      'a list of corpora with the protocol cross-corpus',
      testOn,
    );
  const trained = trainOn === 'others' ? [] : trainOn;
  const both = trained.filter((name) => testOn.includes(name));
  if (both.length > 0)
    throw new InvalidArgumentError('dataset.trainOn', 'corpora that are not in dataset.testOn', both);
  const missing = [...trained, ...testOn].filter((name) => corpora !== 'all' && !corpora.includes(name));
  if (missing.length > 0)
    throw new InvalidArgumentError(
      'corpora',
      `all, or a list with the corpora of dataset.trainOn and dataset.testOn (missing: ${missing.join(', ')})`,
      corpora,
    );
}

/** {@link featureConfig}, with messages that name the options by their path in an experiment. */
export function checkedFeatures(features: ExperimentConfig['features']): FeatureConfig {
  try {
    return featureConfig(features);
  } catch (error) {
    if (error instanceof UnknownNameError || !(error instanceof InvalidArgumentError)) throw error;
    const { parameter, rule, value, remedy } = error;
    throw new InvalidArgumentError(`features.${parameter}`, rule, value, remedy);
  }
}

/** Limits of a network, for building and for loading. The paper's CNN has 7.2 million parameters and 2.8 · 10⁹ multiplications. */
export const networkLimits = {
  /** layers, including input, activation and pooling */
  layers: 512,
  /** 200 MB of weights */
  parameters: 50e6,
  /** values in the output of one layer, for one row */
  values: 16e6,
  /** multiplications of one forward pass, for one row */
  multiplications: 1e11,
  /** steps of a recurrent layer */
  steps: 20_000,
} as const;

/**
 * Checks that a network fits into memory, before it is built.
 *
 * @param inputShape - shape of a row, as for `buildModel`
 * @throws {@link InvalidArgumentError} that names the option to change, its bound and its value
 */
export function checkModelSize(
  { kind, width, head }: Pick<ModelConfig, 'kind' | 'width' | 'head'>,
  [first, second = 1]: readonly number[],
): void {
  const size = networkSize({ kind, head, first, second }, width);
  if (fits(size)) return;
  const isWide = kind === 'compact' || kind === 'log-mel';
  let most = width;
  while (isWide && most > 0 && !fits(networkSize({ kind, head, first, second }, most))) most--;
  const { parameters, activations } = size;
  const reason =
    parameters > networkLimits.parameters
      ? `the network would have ${formatCount(parameters)} parameters, and at most ${formatCount(networkLimits.parameters)} are allowed`
      : `a layer would have ${formatCount(activations)} values for each row, and at most ${formatCount(networkLimits.values)} are allowed`;
  if (isWide && most > 0) throw new InvalidArgumentError('model.width', `at most ${most} (${reason})`, width);
  throw new InvalidArgumentError(
    'features',
    `smaller, with fewer frames or columns (${reason})`,
    `${first} × ${second} values`,
    'raise features.hopLength, or lower features.durationSec, nMels or nMfcc',
  );
}

/** {@link checkModelSize} for rows with all features of a config. */
function checkModelFits(model: ModelConfig, features: FeatureConfig): void {
  const [frames, columns] = [frameCount(features), columnNames(features).length];
  checkModelSize(model, model.kind === 'paper' ? [frames * columns] : [frames, columns]);
}

interface Size {
  parameters: number;
  activations: number;
}

const fits = ({ parameters, activations }: Size): boolean =>
  parameters <= networkLimits.parameters && activations <= networkLimits.values;

/** Number of weights (without the few in normalisation and output layers), and number of values in the output of the largest layer. */
function networkSize(
  { kind, head, first, second }: { kind: ModelConfig['kind']; head: string; first: number; second: number },
  width: number,
): Size {
  switch (kind) {
    case 'compact': {
      const dense = head === 'flatten' ? Math.floor(first / 8) * 2 * width * 512 : 0;
      return {
        parameters: 5 * width * second + 11 * width ** 2 + dense,
        activations: first * Math.max(width, second),
      };
    }
    case 'log-mel':
      return { parameters: 234 * width ** 2, activations: first * second * width };
    case 'paper':
      return { parameters: 2.4e6 + Math.ceil(first / 32) * 128 * 512, activations: first * 512 };
    case 'lstm':
      return { parameters: 512 * (second + 128) + 790_000, activations: first * Math.max(512, second) };
    case 'cnn-lstm':
      return { parameters: 5120 * second + 4e6, activations: first * Math.max(1024, second) };
    default:
      return { parameters: 0, activations: first * second };
  }
}
