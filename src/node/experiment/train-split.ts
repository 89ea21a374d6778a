import type { ExperimentConfig } from '../../core/config';
import { scalerOfRow, type Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { baselineKinds, buildModel, createNetwork, type Engine, rowSizeOf } from '../../core/network';
import {
  fitNormaliser,
  gathered,
  type ModelInput,
  predictHeldOut,
  scaledRows,
  type SplitResult,
  testedVersions,
  type Trained,
} from '../../core/prediction';
import { createBaseline } from '../engine';
import { fit, type FitOptions, type FitResult } from './fit';

export interface TrainSplitOptions extends Pick<
  FitOptions,
  'signal' | 'onResume' | 'onStep' | 'onEpoch' | 'checkpoint'
> {
  /** index of each row's class; shape [rows] */
  labels: Int32Array;
  classes: number;
}

/** Fits scaler and model to a split's training rows and asks the model about the others. */
export async function trainSplit(
  engine: Engine,
  set: Pick<FeatureSet, 'clips' | 'versions'>,
  input: ModelInput,
  split: Split,
  config: ExperimentConfig,
  { labels, classes, signal, ...callbacks }: TrainSplitOptions,
): Promise<SplitResult> {
  const { tf } = engine;
  const { kind } = config.model;
  const { seed } = config;
  const normaliser = fitNormaliser(set, input, config.dataset.normalisation, split.train);
  const data = { ...scaledRows(input, scalerOfRow(normaliser, set)), labels, classes };
  const started = performance.now();

  let trained: Trained;
  let fitted: Omit<FitResult, 'bestEpoch'> & { bestEpoch: number };
  if (isBaseline(kind)) {
    const classifier = createBaseline(config.model, tf);
    const known = Int32Array.from(split.train, (row) => labels[row]);
    await classifier.fit(gathered(data, split.train), rowSizeOf(data), known, classes, { signal });
    fitted = { history: [], bestEpoch: 0, outcome: 'finished', resumedFrom: 0 };
    trained = { classifier };
  } else {
    const model = buildModel(tf, config.model, data.inputShape, { classes, seed });
    const network = createNetwork(engine, model, { seed });
    fitted = await fit(engine, network, data, split, config.training, {
      seed,
      signal,
      ...callbacks,
    });
    trained = { network };
  }
  const training = (performance.now() - started) / 1000;
  const { versions } = set;
  const options = { versions, tested: testedVersions(config.dataset, versions), signal };
  const validation = await predictHeldOut(tf, trained, data, split.validation, options);
  const test = await predictHeldOut(tf, trained, data, split.test, options);
  const prediction = (performance.now() - started) / 1000 - training;
  return { trained, normaliser, validation, test, ...fitted, seconds: { training, prediction } };
}

/** A kind of model that is fitted in one go, and no network. */
export const isBaseline = (kind: ExperimentConfig['model']['kind']): boolean =>
  (baselineKinds as readonly string[]).includes(kind);
