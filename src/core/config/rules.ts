import { protocolNames } from '../dataset';
import {
  headNames,
  modelKinds,
  normalisationNames,
  optimizerNames,
  type OptionPath,
  scheduleNames,
  testVersionNames,
} from './experiment';

/** What an option must be, in words and as a test. */
export interface Rule {
  rule: string;
  holds: (value: unknown) => boolean;
}

const number = (rule: string, holds: (value: number) => boolean): Rule => ({
  rule,
  holds: (value) => typeof value === 'number' && Number.isFinite(value) && holds(value),
});
const integer = (least: number): Rule =>
  number(
    least === 1 ? 'a positive integer' : `an integer of at least ${least}`,
    (value) => Number.isSafeInteger(value) && value >= least,
  );
const notNegative = number('a number of at least 0', (value) => value >= 0);
const positive = number('a positive number', (value) => value > 0);
const share = number('a number from 0 to below 1', (value) => value >= 0 && value < 1);
const oneOf = (...names: readonly string[]): Rule => ({
  rule: `one of ${names.join(', ')}`,
  holds: (value) => (names as readonly unknown[]).includes(value),
});
const or = (word: string | null, { rule, holds }: Rule): Rule => ({
  rule: `${rule}, or ${word}`,
  holds: (value) => value === word || holds(value),
});
const names: Rule = {
  rule: 'a list of names, each once',
  holds: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((name) => typeof name === 'string' && name !== ''),
};

/** The rule of each option by its path; those of `features` are told by the features themselves. */
export const rules: Readonly<Record<Exclude<OptionPath, `features.${string}`>, Rule>> = {
  corpora: or('all', names),
  'dataset.protocol': oneOf(...protocolNames),
  'dataset.folds': integer(2),
  'dataset.fold': or('all', integer(0)),
  'dataset.seed': number('an integer', Number.isSafeInteger),
  'dataset.validationShare': number('a number from 0 to 0.5', (value) => value >= 0 && value <= 0.5),
  'dataset.normalisation': oneOf(...normalisationNames),
  'dataset.trainVersions': or('all', names),
  'dataset.testVersions': oneOf(...testVersionNames),
  'model.kind': oneOf(...modelKinds),
  'model.width': integer(1),
  'model.head': oneOf(...headNames),
  'model.dropout': number('a factor from 0 to 2', (value) => value >= 0 && value <= 2),
  'model.neighbours': integer(1),
  'model.svmC': positive,
  'model.svmGamma': or('scale', positive),
  'training.epochs': integer(1),
  'training.batchSize': integer(1),
  'training.optimizer': oneOf(...optimizerNames),
  'training.learningRate': positive,
  'training.schedule': oneOf(...scheduleNames),
  'training.plateau.factor': number('a number above 0 and below 1', (value) => value > 0 && value < 1),
  'training.plateau.patience': integer(1),
  'training.plateau.minimum': notNegative,
  'training.weightDecay': notNegative,
  'training.labelSmoothing': share,
  'training.classWeights': oneOf('none', 'balanced'),
  'training.clipNorm': or(null, positive),
  'training.earlyStopping': or(null, integer(1)),
  'training.monitor': oneOf('valLoss', 'valAccuracy', 'valUar', 'last'),
  'training.mixup': notNegative,
  'training.timeMask': integer(0),
  'training.frequencyMask': integer(0),
  seed: number('an integer', Number.isSafeInteger),
};
