import type { LabelMap, ProtocolName, TargetName } from '../dataset';
import type { FeatureConfig } from '../features';

/** Input shape of a model: the paper's flat row, frames in order, a spectrogram, or one vector per clip. */
export type RowLayout = 'flat' | 'frames' | 'picture' | 'functionals';

/** Kinds of model with their input shapes. */
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
/** Kind of model: a network (`paper`, `compact`, …) or a classical classifier (`knn`, `svm`, `majority`). */
export type ModelKind = keyof typeof modelLayouts;
export const modelKinds = Object.keys(modelLayouts) as ModelKind[];

/**
 * Last layers of `compact` and `log-mel`: mean and maximum over time; statistics over the frames of the speech; or, for `compact`, all
 * frames flattened into a dense layer.
 */
export const headNames = ['pool', 'statistics', 'flatten'] as const;
export type HeadName = (typeof headNames)[number];

export const optimizerNames = ['adam', 'adamw', 'sgd'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export const scheduleNames = ['constant', 'one-cycle', 'plateau', 'cosine'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

export const normalisationNames = ['train', 'speaker'] as const;
export type NormalisationName = (typeof normalisationNames)[number];

/** Versions of a held-out clip that are predicted: the original, or each version used in training. */
export const testVersionNames = ['original', 'trained'] as const;
export type TestVersions = (typeof testVersionNames)[number];

/** Which rows are used for training, validation and test. */
export interface DatasetConfig {
  /** how clips are split into training and test */
  protocol: ProtocolName;
  /** folds of the protocols `clips` and `speakers`; 2 to 1000 */
  folds: number;
  /** the fold to train: its name, its number from 1 as text, or `all` */
  fold: string;
  /** under `cross-corpus`: corpora to train on, by name; `others`: all that are not in `testOn` */
  trainOn: string[] | 'others';
  /** under `cross-corpus`: corpora to test on, by name */
  testOn: string[] | 'none';
  /** seed of the splits */
  seed: number;
  /** target share of the training clips held out for validation, see `makeSplits`; 0 to 0.5 */
  validationShare: number;
  /**
   * rows that the scaler is fitted on: the training rows, or each speaker's own rows (transductive: it uses test rows, but not
   * their labels)
   */
  normalisation: NormalisationName;
  /** versions of the training clips to train on, by name */
  trainVersions: string[] | 'all';
  /**
   * versions of validation and test clips to predict, and of recordings in `predict`; `trained` averages the probabilities of all
   * versions used in training (test-time augmentation)
   */
  testVersions: TestVersions;
}

/** The model. Options that a kind of model does not use are ignored. */
export interface ModelConfig {
  kind: ModelKind;
  /** channels of the first layers of `compact` and `log-mel`; 1 to 4096 */
  width: number;
  /** last layers of `compact` */
  head: HeadName;
  /** factor on the model's dropout rates, 0 to 2; 0: no dropout, 1: as designed */
  dropout: number;
  /** neighbours of `knn`; 1 to 10000 */
  neighbours: number;
  /** penalty of a misclassified row in `svm` */
  svmC: number;
  /** coefficient of the RBF kernel of `svm`; `scale` is 1 / (columns · variance), as in scikit-learn */
  svmGamma: number | 'scale';
}

/** How a network is trained. */
export interface TrainingConfig {
  /** passes over the training rows; 1 to 10000 */
  epochs: number;
  /** rows per step; 1 to 65536 */
  batchSize: number;
  optimizer: OptimizerName;
  /** peak learning rate of the schedule */
  learningRate: number;
  /** learning rate over the course of training */
  schedule: ScheduleName;
  /** for the schedule `plateau`: multiply by `factor` after `patience` epochs without improvement, down to `minimum` */
  plateau: { factor: number; patience: number; minimum: number };
  /** decoupled weight decay (AdamW), per step and unit of learning rate */
  weightDecay: number;
  /** share of the target that is spread over all classes; 0 to 0.99 */
  labelSmoothing: number;
  /** `balanced` weights each class by its inverse frequency */
  classWeights: 'none' | 'balanced';
  /** what networks learn for clips with listeners' votes: the acted class, the majority of the votes, or their distribution */
  target: TargetName;
  /** largest gradient norm, over all weights; null: no clipping */
  clipNorm: number | null;
  /** epochs without improvement before training stops; null: never */
  earlyStopping: number | null;
  /**
   * validation metric that selects the epoch to keep and drives early stopping; `last` keeps the last epoch, which suits schedules
   * that end with a low learning rate
   */
  monitor: 'valLoss' | 'valAccuracy' | 'valUar' | 'last';
  /**
   * versions of each training clip that an epoch uses, drawn at random; null: all. With many versions, an epoch takes less time, and
   * the network still sees all of them
   */
  versionsPerEpoch: number | null;
  /**
   * probability that the first version of a training clip (the original, unless it is left out) is among those of an epoch; null: drawn
   * like the others. With many versions, a share above 1 / versions keeps the scores on clean recordings
   */
  originalShare: number | null;
  /** α of the Beta distribution of mixup; 0: no mixup */
  mixup: number;
  /** longest run of frames masked at random (SpecAugment); 0: no masking */
  timeMask: number;
  /** widest band of coefficients masked at random (SpecAugment); 0: no masking */
  frequencyMask: number;
}

/** Everything that determines the results of an experiment, as plain data: printed, saved and hashed with each run. */
export interface ExperimentConfig {
  /** preset on which the config is based */
  name: string;
  /** corpora by name */
  corpora: string[] | 'all';
  /** classes by corpus and label; null: the seven emotions, or as loaded */
  labels: LabelMap | null;
  /** feature options that differ from the paper's */
  features: Partial<FeatureConfig>;
  dataset: DatasetConfig;
  model: ModelConfig;
  training: TrainingConfig;
  /** seed of initial weights, row order and dropout */
  seed: number;
}

/** Changes to a config, at any depth; a list is replaced as a whole. */
export type ExperimentChanges = Omit<Changes<ExperimentConfig>, 'name' | 'features' | 'dataset'> & {
  features?: Partial<FeatureConfig>;
  dataset?: Omit<Partial<DatasetConfig>, 'fold'> & { fold?: string | number };
};

/** Some properties of an object, at any depth. */
export type Changes<T> = {
  [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Changes<T[K]> : T[K];
};

/** Path of an option in a config: `training.plateau.factor`, `features.nMfcc`, `seed`… */
export type OptionPath =
  PathsIn<Omit<ExperimentConfig, 'name' | 'features'>> | `features.${keyof FeatureConfig}`;

/** Paths of an object's values, joined by dots. */
type PathsIn<T> = {
  [K in keyof T & string]: T[K] extends readonly unknown[]
    ? K
    : T[K] extends object
      ? `${K}.${PathsIn<T[K]>}`
      : K;
}[keyof T & string];

/** Option values by path, as given on the command line, in the environment and by a sweep. */
export type OptionValues = Partial<Record<OptionPath, unknown>>;
