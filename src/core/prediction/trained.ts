import type { Emotion } from '../base';
import type { ExperimentConfig } from '../config';
import type { Audit, Split } from '../dataset';
import type { Predictions, ScoreReport } from '../evaluation';
import type { FeatureSet } from '../features';
import type { Classifier, Engine, EpochRecord, Network } from '../network';
import type { Normaliser } from './model-input';

/** What training produces: a network, or a classifier without one (KNN, SVM, majority). */
export type Trained = { network: Network } | { classifier: Classifier };

/** One split, trained and tested. */
export interface SplitResult {
  trained: Trained;
  normaliser: Normaliser;
  /** probabilities of the split's validation rows; shape [rows, classes] */
  validation: Float32Array;
  /** probabilities of the split's test rows; shape [rows, classes] */
  test: Float32Array;
  /** empty for a classifier, which is fitted in one step */
  history: EpochRecord[];
  bestEpoch: number;
  outcome: 'finished' | 'stopped early' | 'interrupted';
  /** epochs restored from a checkpoint */
  resumedFrom: number;
  seconds: { training: number; prediction: number };
}

/** The result of one split with the split itself and its leakage audit. */
export interface FoldResult extends SplitResult {
  split: Split;
  audit: Audit;
}

/** The result of an experiment. Every score in it carries its protocol. */
export interface ExperimentResult {
  config: ExperimentConfig;
  /** with the number of threads that each split was trained with */
  engine: Engine;
  set: FeatureSet;
  classes: Emotion[];
  /** finished splits, in order */
  folds: FoldResult[];
  /** test rows of all finished folds; absent if there are none */
  predictions?: Predictions;
  /** validation rows, for calibration; absent if there are none */
  validation?: Predictions;
  report?: ScoreReport;
  outcome: 'finished' | 'interrupted';
  /** `training` and `prediction` are sums over the splits, including those trained in parallel */
  seconds: { features: number; training: number; prediction: number; all: number };
  data: { source: string; clips: number; fingerprint: string };
}
