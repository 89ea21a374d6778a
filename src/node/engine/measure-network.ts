import { InvalidArgumentError, median } from '../../core/base';
import type { ExperimentConfig, ModelConfig } from '../../core/config';
import { buildModel, createNetwork, type Engine, modelCost, rowsPerPass } from '../../core/network';
import { graphPredictions } from './graph-predictions';
import { createTrainer } from './trainer';

/** Cost of a network: counted operations, and times measured on an engine. */
export interface NetworkCost {
  parameters: number;
  /** multiplications and additions of one row, forward pass */
  flops: number;
  /** time of a training step (forward and backward, without the optimizer), ms */
  stepMs: number;
  /** time of a prediction of the same number of rows, ms */
  predictionMs: number;
  /** rows per step */
  rows: number;
}

/**
 * Builds the network of a model config and times it on random rows, to estimate the duration of a training.
 *
 * @param inputShape - shape of a row: [frames, coefficients], [frames, bands, 1] or [values, 1]
 * @param options - number of `classes`, default 7; `rows` per step, default 8; `steps` for the median, default 2, after one warm-up
 * @throws {@link InvalidArgumentError} if `kind` is not a network, or an option is out of range
 * @example
 * ```ts
 * const { stepMs } = measureNetwork(await loadEngine(), experimentConfig('compact').model, [108, 22], { rows: 32 });
 * ```
 */
export function measureNetwork(
  engine: Engine,
  config: ModelConfig,
  inputShape: readonly number[],
  { classes = 7, rows = 8, steps = 2 }: { classes?: number; rows?: number; steps?: number } = {},
): NetworkCost {
  for (const [name, value] of Object.entries({ rows, steps })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(name, 'a positive integer', value);
  }
  const { tf } = engine;
  const model = buildModel(tf, config, inputShape, { classes, seed: 1 });
  const { gradients, predict } = createNetwork(engine, model);
  const x = tf.randomNormal([rows, ...inputShape], 0, 1, 'float32', 1);
  const targets = tf.tensor2d(
    Float32Array.from({ length: rows * classes }, (_, i) => Number(i % classes === 0)),
    [rows, classes],
  );
  try {
    const { parameters, flops } = modelCost(model);
    const stepMs = medianMs(steps, () => {
      const { loss, probabilities, gradients: all } = gradients({ x, targets }, { step: 0 });
      for (const tensor of [loss, probabilities, ...all]) {
        tensor.dataSync(); // waits for the kernels
        tensor.dispose();
      }
    });
    const predictionMs = medianMs(steps, () => {
      const probabilities = predict(x);
      probabilities.dataSync();
      probabilities.dispose();
    });
    return { parameters, flops, stepMs, predictionMs, rows };
  } finally {
    tf.dispose([x, targets]);
    model.dispose();
  }
}

/** Limit of a measurement, ms: slow networks take fewer steps. */
const maxMs = 4000;

/**
 * Times the training of an experiment's network on random rows as it is trained: full batches, with the optimizer, as a graph where
 * the engine supports it.
 *
 * @returns time of a training step, and of the prediction of one row, ms
 */
export function measureTraining(
  engine: Engine,
  { model: config, training }: Pick<ExperimentConfig, 'model' | 'training'>,
  inputShape: readonly number[],
  { classes = 7, steps = 5 }: { classes?: number; steps?: number } = {},
): { stepMs: number; rowMs: number } {
  const { tf } = engine;
  const { batchSize: rows } = training;
  const isWeighted = training.classWeights === 'balanced';
  const model = buildModel(tf, config, inputShape, { classes, seed: 1 });
  const network = createNetwork(engine, model, { seed: 1 });
  const perPass = rowsPerPass(network);
  const predictions = graphPredictions(engine, network, Infinity);
  const trainer = createTrainer(engine, network, training, {
    inputShape,
    classes,
    batchSizes: [rows],
    isWeighted,
  });
  const random = tf.randomNormal([Math.max(rows, perPass), ...inputShape], 0, 1, 'float32', 1);
  const ofRows = (count: number) => random.slice([0, ...inputShape.map(() => 0)], [count, ...inputShape]);
  const batch = {
    rows,
    x: tf.tidy(() => ofRows(rows).dataSync<'float32'>()),
    targets: Float32Array.from({ length: rows * classes }, (_, i) => Number(i % classes === 0)),
    ...(isWeighted && { weights: new Float32Array(rows).fill(1) }),
  };
  try {
    let step = 0;
    const stepMs = medianMs(
      steps,
      () => {
        trainer.step(batch, step++, { learningRate: 1e-4 });
      },
      maxMs,
    );
    const passMs = medianMs(
      steps,
      () => {
        tf.tidy(() => predictions.network.predict(ofRows(perPass)).dataSync());
      },
      maxMs,
    );
    return { stepMs, rowMs: passMs / perPass };
  } finally {
    trainer.dispose();
    predictions.dispose();
    random.dispose();
    model.dispose();
  }
}

/** @param maxMs - no further call after this time */
function medianMs(times: number, work: () => void, maxMs = Infinity): number {
  const durations: number[] = [];
  const started = performance.now();
  do {
    const before = performance.now();
    work();
    durations.push(performance.now() - before);
  } while (durations.length <= times && performance.now() - started < maxMs);
  return median(durations.length > 1 ? durations.slice(1) : durations);
}
