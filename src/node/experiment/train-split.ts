import { setImmediate } from 'node:timers/promises';
import { createRandom, InvalidArgumentError, messageOf, WorkbenchError } from '../../core/base';
import type { ExperimentConfig, TrainingConfig } from '../../core/config';
import { classesOf, scalerOfRow, type Split, voteTargets } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import {
  baselineKinds,
  bestEpoch,
  beta1At,
  buildModel,
  createNetwork,
  type Engine,
  epochBatches,
  epochRows,
  type EpochRecord,
  epochsWithoutGain,
  largestOfRows,
  learningRateAt,
  type Network,
  type PlainBatch,
  predictRows,
  readWeights,
  rowSizeOf,
  type StepProgress,
  stepsIn,
  type TrainingData,
  validationScores,
  writeWeights,
} from '../../core/network';
import {
  fitNormaliser,
  gatherInput,
  type ModelInput,
  predictHeldOut,
  scaledRows,
  type SplitResult,
  testedVersions,
  type Trained,
} from '../../core/prediction';
import {
  createBaseline,
  createTrainer,
  graphPredictions,
  type StepRates,
  type Trainer,
  trainerPath,
} from '../engine';
import { fileErrorCode } from '../files';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './training-files';

/** Options of {@link trainSplit}. */
export interface TrainSplitOptions extends Pick<
  FitOptions,
  'signal' | 'onResume' | 'onStep' | 'onEpoch' | 'onWarning' | 'checkpoint'
> {
  /** class index of each row; shape [rows] */
  labels: Int32Array;
  classes: number;
}

/** Fits scaler and model to the training rows of a split, and predicts its validation and test rows. */
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
  const normaliser = await fitNormaliser(set, input, config.dataset.normalisation, split.train);
  const versions = set.versions.length;
  const { target } = config.training;
  const data = {
    ...scaledRows(input, scalerOfRow(normaliser, set)),
    labels,
    classes,
    versions,
    ...(target !== 'intended' && { targets: voteTargets(set.clips, classesOf(set.clips), target) }),
  };
  const started = performance.now();

  const finish = async (
    trained: Trained,
    { history, bestEpoch, outcome, resumedFrom }: Omit<FitResult, 'path'>,
  ): Promise<SplitResult> => {
    const training = (performance.now() - started) / 1000;
    const tested = testedVersions(config.dataset, set.versions);
    const options = { versions: set.versions, tested, signal };
    const validation = await predictHeldOut(tf, trained, data, split.validation, options);
    const test = await predictHeldOut(tf, trained, data, split.test, options);
    const prediction = (performance.now() - started) / 1000 - training;
    const fitted = { history, bestEpoch, outcome, resumedFrom };
    return { trained, normaliser, validation, test, ...fitted, seconds: { training, prediction } };
  };
  if (isBaseline(kind)) {
    const classifier = createBaseline(config.model, tf);
    const known = Int32Array.from(split.train, (row) => labels[row]);
    await classifier.fit(await gatherInput(data, split.train), rowSizeOf(data), known, classes, { signal });
    return finish({ classifier }, { history: [], bestEpoch: 0, outcome: 'finished', resumedFrom: 0 });
  }
  const model = buildModel(tf, config.model, data.inputShape, { classes, seed });
  const network = createNetwork(engine, model, { seed });
  const predicted = Math.max(split.validation.length, split.test.length);
  const graph = graphPredictions(engine, network, predicted);
  try {
    const options = { seed, signal, ...callbacks };
    const fitted = await fit(engine, graph.network, data, split, config.training, options);
    return { ...(await finish({ network: graph.network }, fitted)), trained: { network } };
  } finally {
    graph.dispose();
  }
}

/** A trained split as plain data, for another process. */
export interface FoldEnd {
  result: Omit<SplitResult, 'trained' | 'normaliser'>;
  weights: Float32Array[];
  /** as JSON */
  normaliser: unknown;
  /** of the engine */
  threads: number;
}

/** A trained split as plain data; its network is disposed. */
export async function foldEnd(
  { model }: ExperimentConfig,
  { threads }: Engine,
  { trained, normaliser, ...result }: SplitResult,
): Promise<FoldEnd> {
  if (!('network' in trained)) throw new WorkbenchError(`${model.kind} is not a network`);
  const weights = await readWeights(trained.network.model);
  trained.network.model.dispose();
  return { result, weights, normaliser: normaliser.toJSON(), threads };
}

/** Whether a kind of model is not a network. */
export const isBaseline = (kind: ExperimentConfig['model']['kind']): boolean =>
  (baselineKinds as readonly string[]).includes(kind);

/** Options of {@link fit}. */
export interface FitOptions {
  /** seed of the order of rows, masks and mixup */
  seed: number;
  /** stops training after the current step; the best weights so far are kept */
  signal?: AbortSignal;
  /** called with the restored history before training resumes from a checkpoint */
  onResume?: (history: readonly EpochRecord[]) => void;
  onStep?: (progress: StepProgress) => void;
  onEpoch?: (record: EpochRecord, history: readonly EpochRecord[]) => void;
  /** called once if the checkpoint cannot be written, for example because the disk is full; training continues; default `console.error` */
  onWarning?: (warning: string) => void;
  /** written after each epoch; training resumes from an existing checkpoint with the same identity */
  checkpoint?: { path: string; identity: string };
}

/** Result of {@link fit}. */
export interface FitResult {
  history: EpochRecord[];
  /** the epoch of the model's final weights; 0 if there was none */
  bestEpoch: number;
  outcome: 'finished' | 'stopped early' | 'interrupted';
  /** number of epochs restored from a checkpoint */
  resumedFrom: number;
  /** how the steps ran */
  path: Trainer['path'];
}

/** Maximum time between two turns of the event loop, which handles messages and signals (ms). */
const turnMs = 25;

/**
 * Trains a network and sets the weights of its best epoch.
 *
 * The same seed, data and engine give the same weights, also if training is stopped and resumed from its checkpoint.
 *
 * @param split - row indices: `train`; `validation` to select the best epoch and for early stopping, never test rows
 * @throws {@link WorkbenchError} if the loss or a weight is not finite, with the step and a remedy
 * @throws {@link InvalidArgumentError} if there are no training rows, or a row is in both parts
 */
export async function fit(
  engine: Engine,
  network: Network,
  data: TrainingData,
  split: { train: Int32Array; validation: Int32Array },
  training: TrainingConfig,
  { seed, signal, onResume, onStep, onEpoch, onWarning = console.error, checkpoint }: FitOptions,
): Promise<FitResult> {
  checkSplit(split);
  const { tf } = engine;
  const { model } = network;
  const { epochs, monitor, earlyStopping } = training;
  const rowsPerEpoch = epochRows(data, split.train, training, createRandom(seed)).length;
  const steps = stepsIn(rowsPerEpoch, training.batchSize);
  let history: EpochRecord[] = [];
  let best = await readWeights(model);
  let outcome: FitResult['outcome'] = 'finished';
  let hasWarned = false;

  const found = checkpoint && (await readCheckpoint(checkpoint.path));
  const path = trainerPath(network);
  // Steps on different paths round differently, so training never resumes on another path.
  const identity = `${checkpoint?.identity ?? ''}${path === 'graph' ? '/graph' : ''}`;
  const restored = found?.identity === identity ? found : undefined;
  if (restored) {
    ({ history, bestWeights: best } = restored);
    writeWeights(tf, model, restored.weights);
    onResume?.(history);
  }
  const batchSizes = [training.batchSize, rowsPerEpoch - (steps - 1) * training.batchSize].map((rows) =>
    Math.min(rows, training.batchSize, rowsPerEpoch),
  );
  const trainer = createTrainer(engine, network, training, {
    inputShape: data.inputShape,
    classes: data.classes,
    batchSizes: [...new Set(batchSizes)],
    isWeighted: training.classWeights === 'balanced',
    state: restored?.optimizer,
  });
  const resumedFrom = history.length;
  const isExhausted = (): boolean =>
    earlyStopping !== null && epochsWithoutGain(history, monitor) >= earlyStopping;

  try {
    for (let epoch = history.length + 1; epoch <= epochs; epoch++) {
      if (isExhausted()) {
        outcome = 'stopped early';
        break;
      }
      const record = await trainEpoch(epoch);
      if (!record) {
        outcome = 'interrupted';
        break;
      }
      const weights = await readWeights(model);
      if (!weights.every((values) => values.every(Number.isFinite))) {
        throw diverged(`epoch ${epoch}`, 'a weight is not finite after the last step,', record.learningRate);
      }
      history = [...history, record];
      if (bestEpoch(history, monitor) === epoch) best = weights;
      if (checkpoint) await save(checkpoint.path);
      onEpoch?.(record, history);
    }
    if (history.length > 0) writeWeights(tf, model, best);
    return { history, bestEpoch: bestEpoch(history, monitor), outcome, resumedFrom, path };
  } finally {
    trainer.dispose();
  }

  async function save(file: string): Promise<void> {
    try {
      await writeCheckpoint(file, await currentState());
      hasWarned = false;
    } catch (error) {
      if (fileErrorCode(error) === undefined) throw error;
      if (!hasWarned) onWarning(`${messageOf(error)}; training continues without this checkpoint`);
      hasWarned = true;
    }
  }

  /** @returns undefined if interrupted */
  async function trainEpoch(epoch: number): Promise<EpochRecord | undefined> {
    const started = performance.now();
    let lastTurn = started;
    let learningRate = 0;
    const sums = { loss: 0, right: 0, rows: 0 };
    let step = 0;
    for await (const batch of epochBatches(data, split.train, epoch, { ...training, seed })) {
      if (signal?.aborted) break;
      const done = (epoch - 1) * steps + step;
      const progress = done / (epochs * steps);
      learningRate = learningRateAt(training, progress, history);
      const rates = { learningRate, beta1: beta1At(training, progress) };
      const { loss, right } = trainStep(batch, done, rates, `epoch ${epoch}, step ${step + 1}`);
      sums.loss += loss * batch.rows;
      sums.right += right;
      sums.rows += batch.rows;
      step++;
      onStep?.({ epoch, epochs, step, steps, loss: sums.loss / sums.rows, accuracy: sums.right / sums.rows });
      if (performance.now() - lastTurn > turnMs) {
        await setImmediate();
        lastTurn = performance.now();
      }
    }
    trainer.updateModel();
    if (signal?.aborted) return undefined;
    const record: EpochRecord = {
      epoch,
      loss: sums.loss / sums.rows,
      accuracy: sums.right / sums.rows,
      learningRate,
      seconds: 0,
    };
    if (split.validation.length > 0) {
      const probabilities = await predictRows(tf, network, data, split.validation);
      const labels = Int32Array.from(split.validation, (row) => data.labels[row]);
      const { loss, accuracy, uar } = validationScores(probabilities, labels, data.classes);
      Object.assign(record, { valLoss: loss, valAccuracy: accuracy, valUar: uar });
    }
    record.seconds = (performance.now() - started) / 1000;
    return record;
  }

  function trainStep(
    batch: PlainBatch,
    step: number,
    rates: StepRates,
    where: string,
  ): { loss: number; right: number } {
    const { loss, probabilities } = trainer.step(batch, step, rates);
    if (!Number.isFinite(loss)) {
      throw diverged(where, `the loss is ${loss}`, rates.learningRate);
    }
    const predicted = largestOfRows(probabilities, data.classes);
    const wanted = largestOfRows(batch.targets, data.classes);
    return { loss, right: predicted.filter((label, i) => label === wanted[i]).length };
  }

  async function currentState(): Promise<Checkpoint> {
    return {
      identity,
      history,
      weights: await readWeights(model),
      bestWeights: best,
      optimizer: await trainer.optimizerState(),
    };
  }
}

function diverged(where: string, what: string, learningRate: number): WorkbenchError {
  return new WorkbenchError(
    `training diverged at ${where}: ${what} with a learning rate of ${learningRate.toPrecision(3)}; ` +
      'lower training.learningRate, or set training.clipNorm=1',
  );
}

function checkSplit({ train, validation }: { train: Int32Array; validation: Int32Array }): void {
  if (train.length === 0) throw new InvalidArgumentError('train', 'a list with at least one row', []);
  const trained = new Uint8Array(validation.reduce((most, row) => Math.max(most, row), 0) + 1);
  for (const row of train) trained[row] = 1; // rows beyond the end are ignored
  const shared = validation.find((row) => trained[row] === 1);
  if (shared !== undefined)
    throw new InvalidArgumentError('validation', 'rows that are not in train', `row ${shared}`);
}
