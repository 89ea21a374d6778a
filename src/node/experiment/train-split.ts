import { setImmediate } from 'node:timers/promises';
import { InvalidArgumentError, WorkbenchError } from '../../core/base';
import type { ExperimentConfig, TrainingConfig } from '../../core/config';
import { scalerOfRow, type Split } from '../../core/dataset';
import type { FeatureSet } from '../../core/features';
import { baselineKinds, bestEpoch, beta1At, buildModel, createNetwork, createOptimizer, type Engine, epochBatches, type EpochRecord, epochsWithoutGain, largestOfRows, learningRateAt, type Network, type PlainBatch, predictRows, readWeights, rowSizeOf, type StepProgress, stepsIn, type TrainingData, validationScores, writeWeights } from '../../core/network';
import { fitNormaliser, gathered, type ModelInput, predictHeldOut, scaledRows, type SplitResult, testedVersions, type Trained } from '../../core/prediction';
import { createBaseline } from '../engine';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './training-files';

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

export interface FitOptions {
  /** of the order of rows, masks and mixing */
  seed: number;
  /** ends training after the step at work; the best weights so far are kept */
  signal?: AbortSignal;
  /** told of the epochs that came from a checkpoint, before training goes on */
  onResume?: (history: readonly EpochRecord[]) => void;
  onStep?: (progress: StepProgress) => void;
  onEpoch?: (record: EpochRecord, history: readonly EpochRecord[]) => void;
  /** written after each epoch; where it is there already and of the same training, it is gone on from */
  checkpoint?: { path: string; identity: string };
}

export interface FitResult {
  history: EpochRecord[];
  /** the epoch whose weights the model has now; 0 if there was none */
  bestEpoch: number;
  outcome: 'finished' | 'stopped early' | 'interrupted';
  /** epochs that came from a checkpoint */
  resumedFrom: number;
}

/** Between two steps, messages and signals get their turn at least so often (ms). */
const breathMs = 100;

/**
 * Trains a network, and leaves the weights of its best epoch in the model.
 *
 * The same seed, data and engine give the same weights, also when training was stopped after an epoch and gone on from its
 * checkpoint.
 *
 * @param split - indices of rows: `train` to learn from, `validation` to choose the epoch by and to stop by, never the test's
 * @throws {@link WorkbenchError} if the loss or a gradient is no longer a finite number, with the step and what to try
 * @throws {@link InvalidArgumentError} if there is no training row, or a row is on both sides
 */
export async function fit(
  engine: Engine,
  network: Network,
  data: TrainingData,
  split: { train: Int32Array; validation: Int32Array },
  training: TrainingConfig,
  { seed, signal, onResume, onStep, onEpoch, checkpoint }: FitOptions,
): Promise<FitResult> {
  checkSplit(split);
  const { tf } = engine;
  const { model } = network;
  const { epochs, monitor, earlyStopping } = training;
  const steps = stepsIn(split.train.length, training.batchSize);
  let history: EpochRecord[] = [];
  let best = await readWeights(model);
  let outcome: FitResult['outcome'] = 'finished';

  const found = checkpoint && (await readCheckpoint(checkpoint.path));
  const before = found?.identity === checkpoint?.identity ? found : undefined;
  if (before) {
    ({ history, bestWeights: best } = before);
    writeWeights(tf, model, before.weights);
    onResume?.(history);
  }
  const optimizer = createOptimizer(engine, network, training, before?.optimizer);
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
      history = [...history, record];
      if (bestEpoch(history, monitor) === epoch) best = await readWeights(model);
      if (checkpoint) await writeCheckpoint(checkpoint.path, await stateNow(checkpoint.identity));
      onEpoch?.(record, history);
    }
    if (history.length > 0) writeWeights(tf, model, best);
    return { history, bestEpoch: bestEpoch(history, monitor), outcome, resumedFrom };
  } finally {
    optimizer.dispose();
  }

  /** @returns undefined if it was interrupted */
  async function trainEpoch(epoch: number): Promise<EpochRecord | undefined> {
    const started = performance.now();
    let breathed = started;
    let learningRate = 0;
    const sums = { loss: 0, right: 0, rows: 0 };
    let step = 0;
    for (const batch of epochBatches(data, split.train, epoch, { ...training, seed })) {
      if (signal?.aborted) return undefined;
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
      if (performance.now() - breathed > breathMs) {
        await setImmediate();
        breathed = performance.now();
      }
    }
    if (signal?.aborted) return undefined;
    const record: EpochRecord = {
      epoch,
      loss: sums.loss / sums.rows,
      accuracy: sums.right / sums.rows,
      learningRate,
      seconds: 0,
    };
    if (split.validation.length > 0) {
      const said = await predictRows(tf, network, data, split.validation);
      const labels = Int32Array.from(split.validation, (row) => data.labels[row]);
      const { loss, accuracy, uar } = validationScores(said, labels, data.classes);
      Object.assign(record, { valLoss: loss, valAccuracy: accuracy, valUar: uar });
    }
    record.seconds = (performance.now() - started) / 1000;
    return record;
  }

  function trainStep(
    { rows, x, targets, weights }: PlainBatch,
    step: number,
    { learningRate, beta1 }: { learningRate: number; beta1?: number },
    where: string,
  ): { loss: number; right: number } {
    const batch = {
      x: tf.tensor(x, [rows, ...data.inputShape]),
      targets: tf.tensor2d(targets, [rows, data.classes]),
      weights: weights && tf.tensor1d(weights),
    };
    const { loss, probabilities, gradients } = network.gradients(batch, { step });
    optimizer.apply(gradients, learningRate, beta1);
    const [value] = loss.dataSync();
    const said = probabilities.dataSync<'float32'>();
    tf.dispose([batch.x, batch.targets, loss, probabilities, ...gradients]);
    batch.weights?.dispose();
    if (!Number.isFinite(value)) {
      throw new WorkbenchError(
        `training came apart at ${where}: the loss is ${value}, at a learning rate of ${learningRate.toPrecision(3)}. ` +
          'Try a lower training.learningRate, or training.clipNorm=1.',
      );
    }
    const wanted = largestOfRows(targets, data.classes);
    return {
      loss: value,
      right: largestOfRows(said, data.classes).filter((label, i) => label === wanted[i]).length,
    };
  }

  async function stateNow(identity: string): Promise<Checkpoint> {
    return {
      identity,
      history,
      weights: await readWeights(model),
      bestWeights: best,
      optimizer: await optimizer.state(),
    };
  }
}

function checkSplit({ train, validation }: { train: Int32Array; validation: Int32Array }): void {
  if (train.length === 0) throw new InvalidArgumentError('train', 'a list with at least one row', []);
  const learned = new Set(train);
  const shared = validation.find((row) => learned.has(row));
  if (shared !== undefined)
    throw new InvalidArgumentError('validation', 'of rows that are not trained on', `row ${shared}`);
}
