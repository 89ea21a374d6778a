import type { ProtocolName } from '../dataset';
import type { FeatureConfig } from '../features';

/** How a model reads a row. */
export type RowLayout = 'flat' | 'frames' | 'picture' | 'functionals';

/** Each kind of model, and how it reads a row. */
export const modelLayouts = {
  paper: 'flat',
  lstm: 'frames',
  'cnn-lstm': 'frames',
  compact: 'frames',
  'log-mel': 'picture',
  knn: 'functionals',
  svm: 'functionals',
  majority: 'functionals',
} as const satisfies Record<string, RowLayout>;
export type ModelKind = keyof typeof modelLayouts;
export const modelKinds = Object.keys(modelLayouts) as ModelKind[];

/** How the compact CNN ends: mean and maximum over time, or all frames flattened and a dense layer. */
export const headNames = ['pool', 'flatten'] as const;
export type HeadName = (typeof headNames)[number];

export const optimizerNames = ['adam', 'adamw', 'sgd'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export const scheduleNames = ['constant', 'one-cycle', 'plateau', 'cosine'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

export const normalisationNames = ['train', 'speaker'] as const;
export type NormalisationName = (typeof normalisationNames)[number];

/** In which versions a held-out clip is heard: as it is, or in each version that is learned from. */
export const testVersionNames = ['original', 'trained'] as const;
export type TestVersions = (typeof testVersionNames)[number];

/** Which rows are learned from, and which are tested on. */
export interface DatasetConfig {
  protocol: ProtocolName;
  /** parts that clips or speakers are divided into; each is the test part of one fold */
  folds: number;
  /** the fold that is trained, from 0, or all of them one after the other */
  fold: number | 'all';
  /** of the division */
  seed: number;
  /** share of the training part that is kept for validation; 0 to 0.5 */
  validationShare: number;
  /** what the scaler is fitted on: the training rows, or each speaker's own rows (transductive: it sees test rows, not labels) */
  normalisation: NormalisationName;
  /** versions of a training clip that are learned from, by name */
  trainVersions: string[] | 'all';
  /**
   * how validation and test clips are heard, and recordings in `predict`; `trained`: in each version that is learned from, of which
   * the mean answers (test-time augmentation)
   */
  testVersions: TestVersions;
}

/** What is fitted. Options that a kind of model has no use for are ignored by it. */
export interface ModelConfig {
  kind: ModelKind;
  /** channels of the first layers of `compact` and `log-mel` */
  width: number;
  /** of `compact` */
  head: HeadName;
  /** a factor on the model's own dropout rates: 0 is none, 1 as designed */
  dropout: number;
  /** of `knn` */
  neighbours: number;
  /** cost of a row on the wrong side, of `svm` */
  svmC: number;
  /** width of the radial kernel of `svm`; `scale` is 1 / (columns · variance), as scikit-learn's */
  svmGamma: number | 'scale';
}

/** How a network is fitted. */
export interface TrainingConfig {
  epochs: number;
  batchSize: number;
  optimizer: OptimizerName;
  /** the highest that the schedule reaches */
  learningRate: number;
  schedule: ScheduleName;
  /** of the schedule `plateau`: times `factor` after `patience` epochs without gain, down to `minimum` */
  plateau: { factor: number; patience: number; minimum: number };
  /** decoupled from the gradient (AdamW), a step and unit of learning rate */
  weightDecay: number;
  /** share of the target that is spread over all classes; 0 to below 1 */
  labelSmoothing: number;
  /** `balanced`: classes count the same, however many rows they have */
  classWeights: 'none' | 'balanced';
  /** longest gradient, over all weights together; null: as it is */
  clipNorm: number | null;
  /** epochs without gain after which training stops; null: never */
  earlyStopping: number | null;
  /**
   * what gain is measured by, and which epoch's weights are kept; `last`: the last epoch's, whatever validation says, as suits a
   * schedule that ends in small steps
   */
  monitor: 'valLoss' | 'valAccuracy' | 'valUar' | 'last';
  /** α of the Beta distribution that pairs of rows are mixed by; 0: not at all */
  mixup: number;
  /** most frames in a row that are blanked at random; 0: none */
  timeMask: number;
  /** most neighbouring coefficients that are blanked at random; 0: none */
  frequencyMask: number;
}

/** All that decides an experiment's numbers, as plain data: printed, saved and hashed with each run. */
export interface ExperimentConfig {
  /** the preset that it came from */
  name: string;
  /** corpora by name */
  corpora: string[] | 'all';
  /** what differs from the paper's features */
  features: Partial<FeatureConfig>;
  dataset: DatasetConfig;
  model: ModelConfig;
  training: TrainingConfig;
  /** of initial weights, the order of rows and dropout */
  seed: number;
}

/** Some of a config, at any depth; a list is replaced as a whole. */
export type ExperimentChanges = Omit<Changes<ExperimentConfig>, 'name' | 'features'> & {
  features?: Partial<FeatureConfig>;
};

/** Some of an object, at any depth. */
export type Changes<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Changes<T[K]> : T[K];
};

/** An option's place in a config: `training.plateau.factor`, `features.nMfcc`, `seed`… */
export type OptionPath =
  PathsIn<Omit<ExperimentConfig, 'name' | 'features'>> | `features.${keyof FeatureConfig}`;

/** The places of an object's values, as texts with dots. */
export type PathsIn<T> = {
  [K in keyof T & string]: T[K] extends readonly unknown[]
    ? K
    : T[K] extends object
      ? `${K}.${PathsIn<T[K]>}`
      : K;
}[keyof T & string];

/** Values by the option's path: what the command line, the environment and a sweep change a config with. */
export type OptionValues = Partial<Record<OptionPath, unknown>>;
